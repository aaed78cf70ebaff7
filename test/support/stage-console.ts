// `relay console` for a stage of a test, in this process, until it is ended.

import type { Outcome, RunOptions, Stage } from './relay-cli';
import { until } from './until';

export interface StageConsole {
  /** With the token, and a slash at its end. */
  readonly url: string;
  end(): Promise<Outcome>;
}

export const startStageConsole = async (
  stage: Stage,
  options = '',
  { env }: Pick<RunOptions, 'env'> = {},
): Promise<StageConsole> => {
  const interruption = new AbortController();
  let url = '';
  const ended = stage.run(`console ${options}`.trim(), {
    ...(env && { env }),
    signal: interruption.signal,
    onOut: (text) => {
      url = text;
    },
  });
  await Promise.race([until(() => url !== ''), ended]);
  return {
    url,
    end: () => {
      interruption.abort();
      return ended;
    },
  };
};
