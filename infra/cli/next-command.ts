// A command that is shown to be typed next: about the same stage and the same of the two queues, because whoever pastes
// it would look at the local stack otherwise.

import { shellWord } from './shell-word';

export interface Place {
  /** As it was typed; undefined for the local stack. */
  readonly stage?: string | undefined;
  /** What is on its way to Segment, rather than to Customer.io. */
  readonly activity?: boolean | undefined;
}

/** Behind a colon: in a line of its own, which is never broken, so that all of it is pasted. */
export const nextCommand = (words: string, place: Place): string => `\n  ${relayCommand(words, place)}`;

/** @param words what is typed after `relay`. */
export const relayCommand = (words: string, { stage, activity }: Place): string =>
  [
    `npx relay ${words}`,
    ...(activity ? ['--activity'] : []),
    ...(stage === undefined ? [] : [`--stage ${shellWord(stage)}`]),
  ].join(' ');

/** The same of a deployment. */
export const deployCommand = (stage: string): string =>
  `\n  npx serverless deploy --stage ${shellWord(stage)}`;
