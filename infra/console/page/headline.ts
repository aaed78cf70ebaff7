// The sentence at the top of the pipeline: is it flowing, how late is it, what is failing. The worst is said first.

import type { Measure, Pipeline } from '../contract';
import { count, counted, duration } from './format';

export interface Headline {
  readonly mood: 'green' | 'amber' | 'red' | 'quiet';
  readonly words: string;
}

/** What it speaks of: ten seconds, or five steps where those are long. */
const RECENT_SECONDS = 10;
const RECENT_STEPS = 5;
/** On AWS an age is measured once a minute, and a batch waits for its window. */
const LATE_SECONDS = 5;
const LATE_SECONDS_OF_MINUTES = 120;

type Values = readonly (number | null)[];

const known = (values: Values = []): number[] => values.filter((value) => value !== null);

export const headlineOf = (pipeline: Pipeline, way: string): Headline => {
  const { mood, words } = worst(seen(pipeline), way);
  const dead = pipeline.now?.deadLetters ?? 0;
  return { mood, words: dead === 0 ? words : `${words} Dead letters that wait: ${count(dead)}.` };
};

/** What the sentence is made of, all of it of the last steps. */
interface Seen {
  readonly isDown: boolean;
  readonly isCameKnown: boolean;
  readonly recent: (measure: Measure) => number;
  readonly seconds: number;
  /** Messages; undefined where that is not known. */
  readonly onQueue: number | undefined;
  readonly isLate: boolean;
  readonly waits: string;
}

const seen = (pipeline: Pipeline): Seen => {
  const { measured, stepSeconds } = pipeline;
  const isFine = stepSeconds < RECENT_SECONDS;
  const steps = isFine ? Math.ceil(RECENT_SECONDS / stepSeconds) : RECENT_STEPS;
  const onQueue = depthOf(pipeline);
  const age = known(measured.oldestSeconds?.slice(-steps)).at(-1) ?? 0;
  return {
    isDown: isDown(measured, steps),
    isCameKnown: known(measured.came).length > 0,
    recent: (measure) => known(measured[measure]?.slice(-steps)).reduce((sum, value) => sum + value, 0),
    seconds: steps * stepSeconds,
    onQueue,
    isLate: age > (isFine ? LATE_SECONDS : LATE_SECONDS_OF_MINUTES),
    waits: waitsIn(onQueue, age),
  };
};

const worst = (
  { isDown: down, isCameKnown, recent, seconds, onQueue, isLate, waits }: Seen,
  way: string,
): Headline => {
  if (down) return { mood: 'red', words: `${way} does not take requests: ${waits}.` };
  if (recent('authFailures') > 0)
    return { mood: 'red', words: `${way} refuses the credentials of a source: ${waits}.` };
  if (recent('functionErrors') > 0) return { mood: 'red', words: `Functions fail: ${waits}.` };
  if (onQueue !== 0 && recent('failed') + recent('throttled') > 0)
    return { mood: 'amber', words: `Some requests are not taken: ${waits}.` };
  if (isLate) return { mood: 'amber', words: `Late: ${waits}.` };
  if (!isCameKnown) return { mood: 'quiet', words: `What comes is not known: ${waits}.` };
  const came = recent('came');
  if (came + (onQueue ?? 0) === 0)
    return { mood: 'quiet', words: 'Quiet: nothing comes, and nothing waits.' };
  return {
    mood: 'green',
    words: `Flowing: ${counted(came, 'event')} in the last ${duration(seconds)}; ${waits}.`,
  };
};

/** Messages; undefined where that is not known. */
const depthOf = ({ now, measured }: Pipeline): number | undefined => {
  if (now !== undefined) return now.waiting + now.inFlight;
  const [waiting, inFlight] = [known(measured.waiting).at(-1), known(measured.inFlight).at(-1)];
  return waiting === undefined && inFlight === undefined ? undefined : (waiting ?? 0) + (inFlight ?? 0);
};

const waitsIn = (onQueue: number | undefined, age: number): string => {
  if (onQueue === undefined) return `the oldest event waits for ${duration(age)}`;
  const messages = `${counted(onQueue, 'message')} on the queue`;
  return onQueue === 0 ? messages : `${messages}, the oldest for ${duration(age)}`;
};

/** The last that was heard of the destination is that it takes nothing. */
const isDown = ({ requests = [], failed = [] }: Pipeline['measured'], steps: number): boolean => {
  const [last, failures] = [requests.slice(-steps), failed.slice(-steps)];
  const place = last.findLastIndex((value) => value !== null && value > 0);
  return place !== -1 && last[place] === failures[place];
};
