import {
  ANSWER_RESERVE_MS,
  attemptDelayMs,
  backoffSeconds,
  DEAD_LETTER_RETENTION_SECONDS,
  FUNCTION_TIMEOUT_SECONDS,
  isBlamed,
  isGivenUp,
  LAST_RECEIVE,
  longestDelay,
  MAX_ATTEMPTS,
  MAX_BACKOFF_SECONDS,
  MAX_BATCHING_WINDOW_SECONDS,
  MAX_CULPRIT_BACKOFF_SECONDS,
  MAX_RECEIVE_COUNT,
  mayStart,
  QUEUE_RETENTION_SECONDS,
  REQUEST_TIMEOUT_MS,
  SETTLE_RESERVE_MS,
  STORE_RESERVE_MS,
  UNDELIVERABLE_AFTER_SECONDS,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../../../lib/delivery/retry-policy';

const DAY_SECONDS = 86_400;
const lowest = () => 0;
const highest = () => 1;
const middle = () => 0.5;
/** An event that is not old. */
const received = (receives: number) => ({ receives, ageSeconds: 0 });

describe('the return of a message', () => {
  it.each([
    [1, 15],
    [2, 30],
    [3, 60],
    [4, 120],
    [6, 480],
    [7, 900],
    [8, 900],
    [500, 900],
    [0, 15],
  ])('after receive %i waits up to %i seconds, fully jittered', (receiveCount, ceiling) => {
    expect(backoffSeconds({ kind: 'backoff' }, received(receiveCount), highest)).toBe(ceiling);
    expect(backoffSeconds({ kind: 'backoff' }, received(receiveCount), lowest)).toBe(1);
    expect(backoffSeconds({ kind: 'backoff' }, received(receiveCount), middle)).toBe(
      Math.round((ceiling + 1) / 2),
    );
  });

  it('waits for Retry-After and then jitters', () => {
    const delay = { kind: 'backoff', retryAfterSeconds: 120 } as const;

    expect(backoffSeconds(delay, received(1), lowest)).toBe(121);
    expect(backoffSeconds(delay, received(1), highest)).toBe(135);
  });

  it('never takes longer than the longest backoff, whatever Retry-After says', () => {
    expect(backoffSeconds({ kind: 'backoff', retryAfterSeconds: 9_999 }, received(1), lowest)).toBe(
      MAX_BACKOFF_SECONDS,
    );
  });

  it('is long from the start when an operator must act', () => {
    expect(backoffSeconds({ kind: 'operator' }, received(1), lowest)).toBe(450);
    expect(backoffSeconds({ kind: 'operator' }, received(1), highest)).toBe(900);
  });

  it('is immediate for what was not tried', () => {
    expect(backoffSeconds({ kind: 'at_once' }, received(400), highest)).toBe(0);
  });
});

describe('the return of a culprit', () => {
  const HOUR_SECONDS = 3_600;
  const CULPRIT = { kind: 'culprit', isProven: true } as const;

  it.each([
    [1, 60, 15],
    [3, 60, 60],
    [9, 60, 900],
    [9, HOUR_SECONDS, 900],
    [20, 4 * HOUR_SECONDS, HOUR_SECONDS],
    [20, 8 * HOUR_SECONDS, MAX_CULPRIT_BACKOFF_SECONDS],
    [20, 30 * HOUR_SECONDS, MAX_CULPRIT_BACKOFF_SECONDS],
  ])(
    'after receive %i, %i seconds old, waits up to %i seconds, and at least half of that',
    (receives, age, ceiling) => {
      const past = { receives, ageSeconds: age };

      expect(backoffSeconds(CULPRIT, past, highest)).toBe(ceiling);
      expect(backoffSeconds(CULPRIT, past, lowest)).toBe(Math.round(ceiling / 2));
    },
  );

  it('ends when it is old enough, and that of others when they were received too often', () => {
    const old = { receives: 2, ageSeconds: UNDELIVERABLE_AFTER_SECONDS };
    const worn = { receives: LAST_RECEIVE, ageSeconds: 1 };

    expect(isGivenUp(CULPRIT, old)).toBe(true);
    expect(isGivenUp(CULPRIT, { ...old, ageSeconds: UNDELIVERABLE_AFTER_SECONDS - 1 })).toBe(false);
    expect(isGivenUp({ kind: 'backoff' }, old)).toBe(false);
    expect(isGivenUp({ kind: 'operator' }, old)).toBe(false);
    expect(isGivenUp({ ...CULPRIT, isProven: false }, old)).toBe(false);
    for (const delay of [CULPRIT, { kind: 'backoff' }, { kind: 'operator' }] as const) {
      expect(isGivenUp(delay, worn)).toBe(true);
      expect(isGivenUp(delay, { ...worn, receives: LAST_RECEIVE - 1 })).toBe(false);
    }
    expect(isGivenUp({ kind: 'at_once' }, { ...old, ...worn })).toBe(false);
  });
});

describe('the delay of events that come back together', () => {
  const AT_ONCE = { kind: 'at_once' } as const;
  const CULPRIT = { kind: 'culprit', isProven: true } as const;
  const BACKOFF = { kind: 'backoff' } as const;
  const ASKED = { kind: 'backoff', retryAfterSeconds: 7 } as const;
  const LATER = { kind: 'backoff', retryAfterSeconds: 8 } as const;
  const OPERATOR = { kind: 'operator' } as const;

  it('is the longest of theirs, in whatever order', () => {
    const rising = [AT_ONCE, CULPRIT, BACKOFF, ASKED, LATER, OPERATOR];

    for (const [index, delay] of rising.entries()) {
      const delays = rising.slice(0, index + 1);
      expect(longestDelay(delays)).toEqual(delay);
      expect(longestDelay(delays.toReversed())).toEqual(delay);
    }
  });

  it('is none without any, and the first of two that are as long', () => {
    expect(longestDelay([])).toEqual(AT_ONCE);
    const first = { ...ASKED, failedAlone: true } as const;
    expect(longestDelay([first, ASKED])).toBe(first);
  });

  it.each([
    [AT_ONCE, false],
    [CULPRIT, true],
    [BACKOFF, false],
    [{ ...BACKOFF, failedAlone: true } as const, true],
    [OPERATOR, false],
    // None has it, and it is asked of a backoff alone.
    [{ ...OPERATOR, failedAlone: true } as const, false],
  ])('%j is for what the event itself did: %s', (delay, expected) => {
    expect(isBlamed(delay)).toBe(expected);
  });
});

describe('the next attempt within an invocation', () => {
  it.each([
    [1, 250],
    [2, 1_000],
  ])('after attempt %i waits up to %i ms, fully jittered', (attempt, ceiling) => {
    expect(attemptDelayMs(attempt, undefined, highest)).toBe(ceiling);
    expect(attemptDelayMs(attempt, undefined, lowest)).toBe(0);
  });

  it('ends with the last attempt', () => {
    expect(attemptDelayMs(MAX_ATTEMPTS, undefined, lowest)).toBeUndefined();
  });

  it('waits for a short Retry-After', () => {
    expect(attemptDelayMs(1, 5, highest)).toBe(5_000);
  });

  it('leaves a long Retry-After to the queue', () => {
    expect(attemptDelayMs(1, 6, highest)).toBeUndefined();
  });
});

describe('a request', () => {
  it('starts only when it can end and be settled before the deadline', () => {
    expect(mayStart(REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS)).toBe(true);
    expect(mayStart(REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS - 1)).toBe(false);
  });
});

describe('the numbers together', () => {
  it('let a request and its retries fit an invocation', () => {
    expect(FUNCTION_TIMEOUT_SECONDS * 1_000).toBeGreaterThan(REQUEST_TIMEOUT_MS * 2 + SETTLE_RESERVE_MS);
  });

  it('hide a message six times as long as a function may hold it, and as Lambda may wait, as AWS advises', () => {
    expect(VISIBILITY_TIMEOUT_SECONDS).toBe(6 * FUNCTION_TIMEOUT_SECONDS + MAX_BATCHING_WINDOW_SECONDS);
  });

  it('bring a message whose consumer crashes every time to the dead-letter queue before it expires', () => {
    expect(MAX_RECEIVE_COUNT * VISIBILITY_TIMEOUT_SECONDS).toBeLessThan(QUEUE_RETENTION_SECONDS);
  });

  it('bring a message that always backs off to the dead-letter queue before it expires', () => {
    expect(MAX_RECEIVE_COUNT * MAX_BACKOFF_SECONDS).toBeLessThan(QUEUE_RETENTION_SECONDS);
  });

  it('outlast a day of outage twice over on average', () => {
    expect((MAX_RECEIVE_COUNT * MAX_BACKOFF_SECONDS) / 2).toBeGreaterThan(2 * DAY_SECONDS);
  });

  it('give no culprit up that may only have met a day of outage: it was tried often after that', () => {
    const afterTheOutage = UNDELIVERABLE_AFTER_SECONDS - DAY_SECONDS;

    expect(afterTheOutage).toBeGreaterThanOrEqual(6 * MAX_CULPRIT_BACKOFF_SECONDS);
  });

  it('give a culprit up long before the queue would delete it', () => {
    expect(UNDELIVERABLE_AFTER_SECONDS + MAX_CULPRIT_BACKOFF_SECONDS).toBeLessThan(
      QUEUE_RETENTION_SECONDS / 2,
    );
  });

  it('leave receives that crash between our limit and that of SQS', () => {
    expect(MAX_RECEIVE_COUNT - LAST_RECEIVE).toBeGreaterThanOrEqual(5);
    expect(LAST_RECEIVE).toBeGreaterThan((2 * DAY_SECONDS) / (MAX_BACKOFF_SECONDS / 2));
  });

  it('end storing before the answer, and both within what is kept free', () => {
    expect(STORE_RESERVE_MS).toBeLessThan(SETTLE_RESERVE_MS);
    expect(ANSWER_RESERVE_MS).toBeLessThan(STORE_RESERVE_MS);
  });

  it('keep a dead letter longer than its event was on the queue', () => {
    expect(DEAD_LETTER_RETENTION_SECONDS).toBeGreaterThan(QUEUE_RETENTION_SECONDS);
  });
});
