import type { Measured, Pipeline } from '../../../../infra/console/contract';
import { headlineOf } from '../../../../infra/console/page/headline';

const seconds = (measured: Measured, more: Partial<Pipeline> = {}): Pipeline => ({
  times: [1, 2, 3],
  stepSeconds: 1,
  measured,
  sources: [],
  problems: [],
  ...more,
});

const NO_QUEUE = { waiting: [0, 0, 0], inFlight: [0, 0, 0], oldestSeconds: [0, 0, 0] };
const BUSY = { waiting: [1, 2, 3], inFlight: [0, 0, 1], oldestSeconds: [1, 2, 3] };

it.each([
  ['nothing at all', seconds({ ...NO_QUEUE, came: [0, 0, 0] }), 'quiet', /^Quiet/],
  ['what nobody could count', seconds(NO_QUEUE), 'quiet', /^What comes is not known: 0 messages/],
  [
    'events that are delivered',
    seconds({ ...NO_QUEUE, came: [1, 2, 3] }),
    'green',
    /^Flowing: 6 events in the last 10 s; 0 messages/,
  ],
  [
    'every request failing',
    seconds({ ...BUSY, requests: [4, 0, 2], failed: [0, 0, 2] }),
    'red',
    /does not take requests: 4 messages on the queue, the oldest for 3 s/,
  ],
  [
    'a request that failed before others did not',
    seconds({ ...BUSY, requests: [2, 0, 2], failed: [2, 0, 0] }),
    'amber',
    /^Some requests are not taken/,
  ],
  ['429', seconds({ ...BUSY, requests: [2, 0, 2], throttled: [1, 0, 0] }), 'amber', /^Some requests/],
  ['refused credentials', seconds({ ...BUSY, authFailures: [0, 0, 1] }), 'red', /refuses the credentials/],
  ['functions that fail', seconds({ ...BUSY, functionErrors: [0, 0, 1] }), 'red', /^Functions fail/],
  [
    'an old event',
    seconds({ ...BUSY, oldestSeconds: [0, 0, 90] }),
    'amber',
    /^Late: 4 messages on the queue, the oldest for 90 s/,
  ],
])('%s', (_, pipeline, mood, words) => {
  expect(headlineOf(pipeline, 'Customer.io')).toMatchObject({ mood, words: expect.stringMatching(words) });
});

it('In minutes, what is not known yet is no silence, and two minutes are not late', () => {
  const minutes = seconds(
    { came: [60, 60, null], requests: [3, 3, null], failed: [0, 0, null], oldestSeconds: [3, 100, null] },
    { stepSeconds: 60, now: { waiting: 0, inFlight: 5, deadLetters: 1_200 } },
  );

  expect(headlineOf(minutes, 'Segment').words).toBe(
    'Flowing: 120 events in the last 5 min; 5 messages on the queue, the oldest for 100 s. Dead letters that wait: 1,200.',
  );
});

it('Where the depth of the queue is not known, none is told', () => {
  expect(headlineOf(seconds({ came: [1, 1, 1], oldestSeconds: [1, 1, 1] }), 'Customer.io').words).toBe(
    'Flowing: 3 events in the last 10 s; the oldest event waits for 1 s.',
  );
});
