// What `npm run bench:cost` counts, and that the model of `relay cost` says the same of the same traffic.

import prices from '../../infra/cost/prices.json';
import { recordOf } from '../support/sqs-record';
import { billOf, modelledBill, sumOf } from './bill';
import { eventBatches } from './event-batches';
import { billedUnits } from './metered-queue';
import { type Meter, startMeter, type Units, type Workload } from './metered-run';

const STAGE = { batchSize: 1_000, batchingWindowSeconds: 1, memorySizeMegabytes: 512 };
/** What the model may be off by in a part that does not hang on this machine's speed. */
const TOLERANCE = 0.15;

let meter: Meter;

beforeAll(async () => {
  meter = await startMeter({ sqsMs: 0, customerIoMs: 0 });
});

afterAll(() => meter.close());

it.each<[string, Workload]>([
  ['one event a request', { ...STAGE, events: 100, perRequest: 1, eventsPerSecond: 50 }],
  ['20 events a request', { ...STAGE, events: 2_000, perRequest: 20, eventsPerSecond: 1_000 }],
  ['100 events a request', { ...STAGE, events: 2_000, perRequest: 100, eventsPerSecond: 1_000 }],
  ['a trickle', { ...STAGE, events: 30, perRequest: 1, eventsPerSecond: 0.4 }],
])('The model is no more than 15 % off what is counted of %s', async (_, workload) => {
  const units = await meter.run(workload);
  const counted = billOf(units, workload, prices);
  const modelled = modelledBill(workload, units.eventBytes, prices);

  expect(units.apiRequests).toBe(workload.events / workload.perRequest);
  for (const part of ['API Gateway', 'SQS', 'logs'] as const) {
    expect([
      part,
      Math.abs(modelled[part] / counted[part] - 1) < TOLERANCE,
      modelled[part],
      counted[part],
    ]).toEqual([part, true, modelled[part], counted[part]]);
  }
});

it('SQS bills every begun 64 KiB of a call, and a call without content too', () => {
  expect([0, 1, 65_536, 65_537, 1_048_576].map(billedUnits)).toEqual([1, 1, 1, 2, 16]);
});

it('One invocation takes what comes within the window of its first message, and no more than the batch size and 6 MB', () => {
  const arrival = (atSeconds: number, bytes = 10) => ({
    atSeconds,
    record: recordOf({ body: 'x'.repeat(bytes) }),
  });
  const sizes = (arrivals: readonly ReturnType<typeof arrival>[], batchSize = 100): number[] =>
    eventBatches(arrivals, { batchSize, batchingWindowSeconds: 1 }).map(({ length }) => length);

  expect(sizes([0, 0.5, 1, 1.1, 2.2].map((at) => arrival(at)))).toEqual([3, 1, 1]);
  expect(
    sizes(
      [0, 0, 0].map((at) => arrival(at)),
      2,
    ),
  ).toEqual([2, 1]);
  expect(sizes([0, 0, 0].map((at) => arrival(at, 2_500_000)))).toEqual([2, 1]);
  expect(sizes([])).toEqual([]);
});

it('A bill is of a million events, whatever the run had of them', () => {
  const workload = { ...STAGE, events: 500, perRequest: 1, eventsPerSecond: 1_000 };
  const units: Units = {
    events: 500,
    seconds: 0.5,
    apiRequests: 500,
    accessLogBytes: 100_000,
    ingest: { invocations: 500, billedMs: 10_000, logBytes: 100_000 },
    consumer: { invocations: 1, billedMs: 200, logBytes: 300_000 },
    sqs: { send: 500, receive: 50, delete: 50, other: 0 },
    egressBytes: 500_000,
    customMetrics: 20,
    eventBytes: 1_000,
  };
  const bill = billOf(units, workload, prices);

  expect(bill['API Gateway']).toBeCloseTo(1);
  expect(bill.ingest).toBeCloseTo(0.2 + 10_000 * 0.0000133334);
  expect(bill.SQS).toBeCloseTo(0.6, 2);
  expect(bill['requests to Customer.io']).toBeCloseTo(0.09);
  expect(bill.logs).toBeCloseTo(0.5);
  expect(sumOf(bill)).toBeCloseTo(Object.values(bill).reduce((sum, part) => sum + part, 0));
});
