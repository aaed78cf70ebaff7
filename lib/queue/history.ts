// What a message carries of its earlier lives: an event put back alone is a new message to SQS, whose own counts
// begin anew. Numbers are taken only where they can be true: attributes may have been written by hand.

import type { OutgoingMessage } from './outgoing-message';

export const HISTORY_ATTRIBUTES = {
  receives: 'receives',
  firstSentAt: 'firstSentAt',
  putBackAt: 'putBackAt',
  failedAlone: 'failedAlone',
  culprit: 'culprit',
} as const;

export interface History {
  /** How often the event was handed out, in this message and before. */
  readonly receives: number;
  /** When it was first put on the queue, in milliseconds since 1970. */
  readonly firstSentAtMs: number;
  /** Positions of the events that failed alone in an earlier invocation while others were taken: once may be chance. */
  readonly failedAlone: readonly number[];
  /** It failed alone in two invocations while others were taken: it travels alone from then on. */
  readonly isCulprit: boolean;
}

/** Most positions that are written down. What is left out is written when it fails alone again. */
export const MAX_FAILED_ALONE = 100;

/**
 * SQS gives a message that is moved, as a redrive does, a new time of sending. Then its earlier life is over: an
 * operator wants it tried anew. This much may lie between our clock and SQS's.
 */
const MAX_CLOCK_DIFFERENCE_MS = 3_600_000;
/** Ten years of receives; more is no count of ours. */
const MAX_RECEIVES = 1_000_000;
const YES = 'yes';
const DIGITS = /^\d{1,15}$/;
const POSITIONS = /^\d{1,5}(,\d{1,5})*$/;
const MAX_POSITIONS_LENGTH = MAX_FAILED_ALONE * '10000,'.length;

/** @param attribute the value of a message attribute, by name. @param own what SQS says of this message alone. */
export const readHistory = (attribute: (name: string) => string | undefined, own: History): History => {
  const read = (name: string): number | undefined => {
    const text = attribute(name);
    // Stryker disable next-line ConditionalExpression: undefined is no digits either, which the compiler cannot know
    return text !== undefined && DIGITS.test(text) ? Number(text) : undefined;
  };
  const putBackAtMs = read(HISTORY_ATTRIBUTES.putBackAt);
  const receives = read(HISTORY_ATTRIBUTES.receives);
  const firstSentAtMs = read(HISTORY_ATTRIBUTES.firstSentAt);
  if (putBackAtMs === undefined || receives === undefined || firstSentAtMs === undefined) return own;
  const isMoved = Math.abs(putBackAtMs - own.firstSentAtMs) > MAX_CLOCK_DIFFERENCE_MS;
  if (isMoved || receives > MAX_RECEIVES || firstSentAtMs > putBackAtMs) return own;
  const isCulprit = attribute(HISTORY_ATTRIBUTES.culprit) === YES;
  const failedAlone = readPositions(attribute(HISTORY_ATTRIBUTES.failedAlone));
  return { receives: receives + own.receives, firstSentAtMs, failedAlone, isCulprit };
};

const readPositions = (text = ''): number[] =>
  text.length <= MAX_POSITIONS_LENGTH && POSITIONS.test(text) ? text.split(',').map(Number) : [];

/** For a message that carries on the life of another. */
export const historyAttributes = (
  { receives, firstSentAtMs, failedAlone, isCulprit }: History,
  now: Date,
): OutgoingMessage['attributes'] => ({
  [HISTORY_ATTRIBUTES.receives]: String(receives),
  [HISTORY_ATTRIBUTES.firstSentAt]: String(firstSentAtMs),
  [HISTORY_ATTRIBUTES.putBackAt]: String(now.getTime()),
  ...positionsAttribute(failedAlone),
  ...(isCulprit ? { [HISTORY_ATTRIBUTES.culprit]: YES } : {}),
});

const positionsAttribute = (positions: readonly number[]): OutgoingMessage['attributes'] =>
  positions.length === 0
    ? {}
    : { [HISTORY_ATTRIBUTES.failedAlone]: positions.slice(0, MAX_FAILED_ALONE).join(',') };
