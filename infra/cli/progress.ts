// One line on standard error that says how far a command is: rewritten on a terminal, and elsewhere written now and
// then, for a log.

import ora from 'ora';
import type { Io } from './io';
import { duration } from './layout';

export interface Progress {
  update(line: string): void;
  stop(): void;
}

const LOG_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 100;

export const startProgress = ({
  progressStream,
  err,
  env,
}: Pick<Io, 'progressStream' | 'err' | 'env'>): Progress => {
  if (progressStream === undefined) return logged(err);
  const spinner = ora({
    stream: progressStream,
    discardStdin: false,
    // ora does not look at NO_COLOR itself.
    color: env['NO_COLOR'] ? false : 'cyan',
  }).start();
  const update = everyMs(REDRAW_EVERY_MS, (line) => {
    spinner.text = line;
  });
  return { update, stop: () => void spinner.stop() };
};

const logged = (err: (text: string) => void): Progress => ({
  update: everyMs(LOG_EVERY_MS, err, Date.now()),
  stop: () => {},
});

const everyMs = (ms: number, write: (line: string) => void, from = 0): ((line: string) => void) => {
  let lastMs = from;
  return (line) => {
    if (Date.now() - lastMs < ms) return;
    lastMs = Date.now();
    write(line);
  };
};

const BAR_WIDTH = 20;

/** `[####----] 40 %`; nothing where the whole is not known. */
export const bar = (done: number, whole: number | undefined): string => {
  if (whole === undefined || whole === 0) return '';
  const part = Math.min(1, done / whole);
  const full = Math.round(part * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}] ${Math.floor(part * 100)} %`;
};

/** How long it takes if it goes on like this. */
export const timeLeft = (done: number, whole: number | undefined, elapsedMs: number): string =>
  !whole || done <= 0 ? '' : `${duration((elapsedMs * (whole - done)) / done)} left`;
