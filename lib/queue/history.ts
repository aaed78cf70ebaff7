// What a message carries of its earlier lives: an event put back alone is a new message to SQS, whose own counts
// begin anew. Numbers are taken only where they can be true: attributes may have been written by hand.

import type { OutgoingMessage } from './outgoing-message';

export const HISTORY_ATTRIBUTES = {
  receives: 'receives',
  firstSentAt: 'firstSentAt',
  putBackAt: 'putBackAt',
  culprit: 'culprit',
} as const;

export interface History {
  /** How often the event was handed out, in this message and before. */
  readonly receives: number;
  /** When it was first put on the queue, in milliseconds since 1970. */
  readonly firstSentAtMs: number;
  /** It failed alone while others were taken: it travels alone from then on. */
  readonly isCulprit: boolean;
}

/**
 * SQS gives a message that is moved, as a redrive does, a new time of sending. Then its earlier life is over: an
 * operator wants it tried anew. This much may lie between our clock and SQS's.
 */
const MAX_CLOCK_DIFFERENCE_MS = 3_600_000;
/** Ten years of receives; more is no count of ours. */
const MAX_RECEIVES = 1_000_000;
const YES = 'yes';
const DIGITS = /^\d{1,15}$/;

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
  return { receives: receives + own.receives, firstSentAtMs, isCulprit };
};

/** For a message that carries on the life of another. */
export const historyAttributes = (
  { receives, firstSentAtMs, isCulprit }: History,
  now: Date,
): OutgoingMessage['attributes'] => ({
  [HISTORY_ATTRIBUTES.receives]: String(receives),
  [HISTORY_ATTRIBUTES.firstSentAt]: String(firstSentAtMs),
  [HISTORY_ATTRIBUTES.putBackAt]: String(now.getTime()),
  ...(isCulprit ? { [HISTORY_ATTRIBUTES.culprit]: YES } : {}),
});
