// What one source's share of an invocation came to, when its events are of several standings, or nobody's.

import { logger } from '../../../lib/observability';
import { response } from '../../support/destination';
import { resetSqs, run, track } from '../../support/relay';
import { recordOf } from '../../support/sqs-record';

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
});
afterEach(() => {
  jest.useRealTimers();
});

it.each([
  [500, { requests: 6, failed: 6, throttled: 0 }],
  [429, { requests: 3, failed: 3, throttled: 3 }],
])('a source’s report of answers of %i has what is fresh and what came before', async (status, counts) => {
  jest.spyOn(logger, 'warn').mockImplementation();
  const records = [1, 2].map((receiveCount) =>
    recordOf({ messageId: `m${receiveCount}`, body: track(), receiveCount }),
  );

  const { reports } = await run(records, () => response(status));

  expect(reports.get('shop')).toMatchObject(counts);
});

it('a source of which nothing was sent has a report that says so', async () => {
  const { reports } = await run([recordOf({ body: track({ integrations: { All: false } }) })]);

  expect(Object.fromEntries(reports)).toEqual({
    shop: { requests: 0, throttled: 0, failed: 0, fillPercents: [] },
  });
});

it('events of a source that is not configured are in no report, and in nobody’s way', async () => {
  const error = jest.spyOn(logger, 'error');

  const { reports, outcomes } = await run([
    recordOf({ body: track(), attributes: { source: 'nobody' } }),
    recordOf({ messageId: 'm2', body: track() }),
  ]);

  expect([...reports.keys()]).toEqual(['shop']);
  expect(outcomes).toEqual(['dead_lettered', 'delivered']);
  expect(error).not.toHaveBeenCalled();
});
