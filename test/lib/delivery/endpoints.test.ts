// What Customer.io's batch does not take, through the same engine: one rate, one outcome an event.

import { logger } from '../../../lib/observability';
import { response } from '../../support/destination';
import { type Answer, deadLetters, resetSqs, run, track } from '../../support/relay';
import { recordOf } from '../../support/sqs-record';

beforeEach(() => {
  jest.useFakeTimers();
  resetSqs();
});
afterEach(() => {
  jest.useRealTimers();
});

const METRICS_URL = 'https://track.customer.io/api/v1/metrics';

const clicked = (deliveryId: string) =>
  track({
    event: 'Report Delivery Event',
    messageId: deliveryId,
    properties: { deliveryId, metric: 'clicked', href: 'https://example.com' },
  });

/** Answers metrics with a status, batches with 200. */
const answerMetrics = (status: number, seen: [string, unknown][] = []): Answer => {
  return ({ url, body }) => {
    seen.push([url, JSON.parse(body.toString())]);
    return response(url === METRICS_URL ? status : 200);
  };
};

it('a metric is a request of its own to its endpoint, beside the batch', async () => {
  const seen: [string, unknown][] = [];

  const { kept, outcomes, reports } = await run(
    [recordOf({ body: [clicked('d1'), track({ messageId: 'b' }), clicked('d2')] })],
    answerMetrics(200, seen),
  );

  expect(kept).toEqual([]);
  expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
  const metric = { metric: 'clicked', timestamp: expect.any(Number), href: 'https://example.com' };
  expect(seen).toContainEqual([METRICS_URL, { delivery_id: 'd1', ...metric }]);
  expect(seen).toContainEqual([METRICS_URL, { delivery_id: 'd2', ...metric }]);
  expect(seen).toContainEqual([
    'https://track.customer.io/api/v2/batch',
    { batch: [expect.objectContaining({ action: 'event', name: 'Ordered' })] },
  ]);
  expect(seen).toHaveLength(3);
  expect(reports.get('shop')).toMatchObject({ requests: 3, failed: 0, fillPercents: [expect.any(Number)] });
});

it.each([400, 404])('a metric answered %i is a dead letter, and costs the batch nothing', async (status) => {
  const { kept, outcomes } = await run(
    [recordOf({ body: [clicked('d1'), track({ messageId: 'b' })] })],
    answerMetrics(status),
  );

  expect(kept).toEqual([]);
  expect(outcomes).toEqual(['dead_lettered', 'delivered']);
  expect(deadLetters().map(({ attributes }) => attributes['reason'])).toEqual(['rejected_by_customerio']);
});

it.each([429, 503])('a metric answered %i is retried, and its message with it', async (status) => {
  jest.spyOn(logger, 'warn').mockImplementation();

  const { kept, outcomes } = await run(
    [recordOf({ messageId: 'm1', body: [clicked('d1'), track({ messageId: 'b' })] })],
    answerMetrics(status),
  );

  expect(kept).toEqual(['m1']);
  expect(outcomes).toEqual(['retried', 'delivered']);
  expect(deadLetters()).toEqual([]);
});
