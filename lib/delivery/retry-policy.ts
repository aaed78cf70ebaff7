// When something is tried again, and how often. Everything that follows from these numbers (visibility
// timeout, maxReceiveCount, retention) is derived here; infra/ is tested against it, docs/delivery.md
// explains it.

/** Lambda timeout of the functions that deliver. */
export const FUNCTION_TIMEOUT_SECONDS = 60;
/** AWS advises six times the function's timeout; it is also how soon a message whose consumer crashed returns. */
export const VISIBILITY_TIMEOUT_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS;
export const QUEUE_RETENTION_SECONDS = 7 * 24 * 3_600;
/** Where SQS moved the message itself it counts from when that was first sent, so it must be the longer of the two. */
export const DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3_600;

/** A request that has no answer by then is given up; Customer.io may still have taken it, which is harmless. */
export const REQUEST_TIMEOUT_MS = 20_000;
/** Kept free at the end of an invocation for dead letters, visibility changes and the answer. */
export const SETTLE_RESERVE_MS = 5_000;

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
 * 500 x 360 s = 50 hours, and one that is always backed off at most 500 x 900 s = 5.2 days:
 * both reach the dead-letter queue before the queue's own retention would delete them.
 */
export const MAX_RECEIVE_COUNT = 500;

/** Why and how a message comes back. */
export type RetryDelay =
  /** The destination is not available: exponential from the receive count, not before Retry-After. */
  | { readonly kind: 'backoff'; readonly retryAfterSeconds?: number }
  /** An operator must act first: long from the start. */
  | { readonly kind: 'operator' }
  /** It was not tried at all: time ran out. */
  | { readonly kind: 'at_once' };

/** A number in [0, 1), as Math.random gives. */
export type Random = () => number;

/** Seconds until a message is visible again: full jitter, so that a backlog does not return all at once. */
export const backoffSeconds = (delay: RetryDelay, receiveCount: number, random: Random): number => {
  if (delay.kind === 'at_once') return 0;
  if (delay.kind === 'operator') return jitter(MAX_BACKOFF_SECONDS / 2, MAX_BACKOFF_SECONDS, random);
  const ceiling = Math.min(MAX_BACKOFF_SECONDS, BACKOFF_BASE_SECONDS * 2 ** Math.max(0, receiveCount - 1));
  const floor = Math.min(MAX_BACKOFF_SECONDS, delay.retryAfterSeconds ?? 0);
  return Math.min(MAX_BACKOFF_SECONDS, floor + jitter(1, ceiling, random));
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
