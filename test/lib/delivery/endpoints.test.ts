// What Customer.io's batch does not take, and what need not be said twice, through the same engine: one rate, one
// outcome an event.

import { logger } from '../../../lib/observability';
import { response } from '../../support/destination';
import { type Answer, DEAD_LETTER_QUEUE_URL, deadLetters, resetSqs, run, track } from '../../support/relay';
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

it.each([429, 503])('a metric answered %i is retried, and nothing else of its message', async (status) => {
  jest.spyOn(logger, 'warn').mockImplementation();

  const { outcomes } = await run(
    [recordOf({ messageId: 'm1', body: [clicked('d1'), track({ messageId: 'b' })] })],
    answerMetrics(status),
  );

  expect(outcomes).toEqual(['retried', 'delivered']);
  expect(deadLetters().map(({ queue }) => queue)).not.toContain(DEAD_LETTER_QUEUE_URL);
});

describe('a device that several events register', () => {
  const identify = (messageId: string, second: number, changes: object = {}) => ({
    type: 'identify',
    userId: 'u1',
    messageId,
    timestamp: `2026-01-01T00:00:0${second}Z`,
    context: { device: { token: 't1', type: 'ios', ...changes } },
  });

  /** What was sent of devices: the last use, and the model. */
  const devicesSent = async (events: readonly object[], status = 200) => {
    const bodies: string[] = [];
    const { outcomes } = await run([recordOf({ body: events })], ({ body }) => {
      bodies.push(body.toString());
      return response(status);
    });
    const [first = ''] = bodies;
    const { batch } = JSON.parse(first) as {
      batch: { device?: { last_used: number; attributes: object } }[];
    };
    return { devices: batch.flatMap(({ device }) => device ?? []), outcomes };
  };

  it('is registered once an invocation, with its last use', async () => {
    const { devices, outcomes } = await devicesSent([identify('a', 1), identify('b', 3), identify('c', 2)]);

    expect(devices.map(({ last_used }) => last_used)).toEqual([Date.UTC(2026, 0, 1, 0, 0, 3) / 1000]);
    expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('is registered for each of its people, and again where it says something else', async () => {
    const { devices } = await devicesSent([
      identify('a', 1),
      { ...identify('b', 2), userId: 'u2' },
      identify('c', 3, { model: 'iPhone17,1' }),
    ]);

    expect(devices).toHaveLength(3);
  });

  it('takes all of its events along when it must be tried again', async () => {
    jest.spyOn(logger, 'warn').mockImplementation();

    const { outcomes } = await devicesSent([identify('a', 1), identify('b', 2)], 503);

    expect(outcomes).toEqual(['retried', 'retried']);
  });
});
