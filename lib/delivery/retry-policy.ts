// When something is tried again, and how often. Everything that follows from these numbers (visibility
// timeout, maxReceiveCount, retention) is derived here; infra/ is tested against it, docs/delivery.md
// explains it.

/** Lambda timeout of the functions that deliver. */
export const FUNCTION_TIMEOUT_SECONDS = 60;
/** How long a stage may have Lambda wait for more messages, of which the first is hidden by then. */
export const MAX_BATCHING_WINDOW_SECONDS = 60;
/**
 * AWS advises six times the function's timeout and the batching window; it is also how soon a message whose consumer
 * crashed returns.
 */
export const VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS + MAX_BATCHING_WINDOW_SECONDS;
export const QUEUE_RETENTION_SECONDS = 7 * 24 * 3_600;
/**
 * The longer of the two, because SQS counts the age of a message that it moved itself from when it was first sent.
 */
export const DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3_600;

/** A request without an answer by then is given up. Customer.io may still have taken it, which is harmless. */
export const REQUEST_TIMEOUT_MS = 20_000;
/** Kept free at the end of an invocation for dead letters, visibility changes and the answer. */
export const SETTLE_RESERVE_MS = 5_000;

/**
 * Calls that store something on SQS are given up with this much time left: what they did not store can then still
 * be sent back in time.
 */
export const STORE_RESERVE_MS = 1_500;
/** Every call to SQS is given up with this much time left, so that Lambda still gets its answer. */
export const ANSWER_RESERVE_MS = 500;

/** How often one request is made within an invocation. */
export const MAX_ATTEMPTS = 3;
const ATTEMPT_BASE_MS = 250;
const ATTEMPT_MAX_MS = 2_000;
/** A longer Retry-After is waited for on the queue, where waiting costs nothing. */
export const MAX_WAIT_IN_INVOCATION_MS = 5_000;

const BACKOFF_BASE_SECONDS = 15;
/** No message waits longer than this for its next try. */
export const MAX_BACKOFF_SECONDS = 900;

/**
 * Receives before SQS itself moves a message to the dead-letter queue. Full jitter waits 450 s on average,
 * so 24 hours of outage take about 200 receives. A message that kills the process each time needs
 * 500 x 420 s = 58 hours, and one that is always backed off at most 500 x 900 s = 5.2 days:
 * both reach the dead-letter queue before the queue's own retention would delete them.
 */
export const MAX_RECEIVE_COUNT = 500;

/**
 * Receives, those of a message's earlier lives included, from which on we dead-letter ourselves what would be
 * retried, with what last went wrong. The rest up to `MAX_RECEIVE_COUNT` is for receives that crash.
 */
export const LAST_RECEIVE = MAX_RECEIVE_COUNT - 10;

/**
 * How old an event must be that fails by itself while others are taken, to be given up as undeliverable. A day of
 * outage, in which it may have failed for no fault of its own, and half a day more in which it was tried again.
 */
export const UNDELIVERABLE_AFTER_SECONDS = 36 * 3_600;
/** How long such an event waits at most: it costs a request each time, and takes some fifty in its life. */
export const MAX_CULPRIT_BACKOFF_SECONDS = 2 * 3_600;
/** It waits a part of its age, so that one that fails for an hour is late by minutes and not by hours. */
const CULPRIT_AGE_SHARE = 1 / 4;
/** SQS's limit for the delay of a new message. */
export const MAX_DELAY_SECONDS = 900;
/**
 * Above so many messages in flight, a tenth of what SQS allows a standard queue, what waits is put back as a new message
 * with a delay, which does not count. Below, it is hidden, for one call to SQS instead of two.
 */
export const PARK_ABOVE_IN_FLIGHT = 12_000;

/** Why and how a message comes back. */
export type RetryDelay =
  /**
   * The destination is not available: exponential from the receive count, not before Retry-After. Or it failed alone
   * while others were taken, for the first time.
   */
  | { readonly kind: 'backoff'; readonly retryAfterSeconds?: number; readonly failedAlone?: true }
  /** An operator must act first: long from the start. */
  | { readonly kind: 'operator' }
  /**
   * It failed alone while others were taken, and had done so before. The older it is the longer it waits, and in the
   * end it is given up. `isProven` is false where this time there was nothing to tell it by.
   */
  | { readonly kind: 'culprit'; readonly isProven: boolean }
  /** It was not tried at all: time ran out. */
  | { readonly kind: 'at_once' };

/** Whether an event comes back for what itself did, and not for what it met. */
export const isBlamed = (delay: RetryDelay): boolean =>
  delay.kind === 'culprit' || (delay.kind === 'backoff' && delay.failedAlone === true);

const RANK = { at_once: 0, culprit: 1, backoff: 2, operator: 3 } as const;

/** The longest of the delays of events that come back together. Without any it is none. */
export const longestDelay = (delays: readonly RetryDelay[]): RetryDelay =>
  delays.reduce((longest, delay) => (isLonger(delay, longest) ? delay : longest), AT_ONCE);

const AT_ONCE: RetryDelay = { kind: 'at_once' };

const isLonger = (one: RetryDelay, other: RetryDelay): boolean => {
  // Stryker disable next-line EqualityOperator: no two kinds have one rank
  if (one.kind !== other.kind) return RANK[one.kind] > RANK[other.kind];
  return retryAfter(one) > retryAfter(other);
};

const retryAfter = (delay: RetryDelay): number =>
  // Stryker disable next-line ConditionalExpression: of other kinds none has it, which the compiler cannot know
  delay.kind === 'backoff' ? (delay.retryAfterSeconds ?? 0) : 0;

/** What an event has behind it, earlier messages that carried it included. */
export interface Past {
  /** How often it was received, this time included. */
  readonly receives: number;
  /** Since it was first put on the queue. */
  readonly ageSeconds: number;
}

/** A number in [0, 1), as Math.random gives. */
export type Random = () => number;

/** Seconds until a message is visible again: full jitter, so that a backlog does not return all at once. */
export const backoffSeconds = (delay: RetryDelay, { receives, ageSeconds }: Past, random: Random): number => {
  if (delay.kind === 'at_once') return 0;
  if (delay.kind === 'operator') return jitter(MAX_BACKOFF_SECONDS / 2, MAX_BACKOFF_SECONDS, random);
  const ceiling = Math.min(MAX_BACKOFF_SECONDS, BACKOFF_BASE_SECONDS * 2 ** Math.max(0, receives - 1));
  if (delay.kind === 'culprit') return culpritSeconds(ceiling, ageSeconds, random);
  const floor = Math.min(MAX_BACKOFF_SECONDS, delay.retryAfterSeconds ?? 0);
  return Math.min(MAX_BACKOFF_SECONDS, floor + jitter(1, ceiling, random));
};

/** Half of it is chance: a known culprit is in no hurry, and tried too often it costs the others their rate. */
const culpritSeconds = (ceiling: number, ageSeconds: number, random: Random): number => {
  const longest = Math.min(MAX_CULPRIT_BACKOFF_SECONDS, Math.max(ceiling, ageSeconds * CULPRIT_AGE_SHARE));
  return jitter(longest / 2, longest, random);
};

/** Whether an event that would be retried is given up instead. What was not even tried never is. */
export const isGivenUp = (delay: RetryDelay, { receives, ageSeconds }: Past): boolean => {
  if (delay.kind === 'at_once') return false;
  const isProven = delay.kind === 'culprit' && delay.isProven;
  return receives >= LAST_RECEIVE || (isProven && ageSeconds >= UNDELIVERABLE_AFTER_SECONDS);
};

const jitter = (from: number, to: number, random: Random): number =>
  Math.round(from + random() * (to - from));

/**
 * Milliseconds to wait before the next attempt of a request within this invocation, or undefined when it
 * is better left to the queue. `attempt` counts those already made, from 1.
 */
export const attemptDelayMs = (
  attempt: number,
  retryAfterSeconds: number | undefined,
  random: Random,
): number | undefined => {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  const backoff = random() * Math.min(ATTEMPT_MAX_MS, ATTEMPT_BASE_MS * 4 ** (attempt - 1));
  const wait = Math.max(backoff, (retryAfterSeconds ?? 0) * 1_000);
  return wait > MAX_WAIT_IN_INVOCATION_MS ? undefined : Math.round(wait);
};

/** Whether a request started now is sure to end, and be settled, before the invocation does. */
export const mayStart = (remainingMs: number): boolean =>
  remainingMs >= REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS;
