// The latency of a run: what is counted, and from when.

import type { EventSummary } from '../../infra/console/contract';
import { flowOf, percentile } from './latency';

const summary = (messageId: string, at: number, fateAt: number, fate = 'delivered') =>
  ({ messageId, at, fateAt, fate }) as EventSummary;

it('A percentile is a value that was measured, which so many do not exceed', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);

  expect([50, 99, 100].map((percent) => percentile(values, percent))).toEqual([100, 198, 200]);
  expect(percentile([7], 50)).toBe(7);
});

it('An event is on its way from when it should have been sent until the sandbox has answered', () => {
  const sentAt = new Map([
    ['a', 1_000],
    ['b', 1_010],
  ]);

  expect(
    flowOf(sentAt, [
      summary('a', 1_100, 2_000),
      summary('b', 1_100, 2_400),
      summary('other', 0, 0),
      summary('a', 3_000, 4_000),
    ]),
  ).toEqual({
    events: 2,
    missing: 0,
    door: { p50: 90, p99: 100, max: 100 },
    whole: { p50: 1_000, p99: 1_390, max: 1_390 },
  });
});

it.each([
  ['has not come', []],
  ['waits to be tried again', [summary('b', 1, 2, 'retried')]],
])('An event that %s is missing, and in no other figure', (_, others) => {
  const sentAt = new Map([
    ['a', 0],
    ['b', 0],
  ]);

  expect(flowOf(sentAt, [summary('a', 5, 9), ...others])).toEqual({
    events: 1,
    missing: 1,
    door: { p50: 5, p99: 5, max: 5 },
    whole: { p50: 9, p99: 9, max: 9 },
  });
});
