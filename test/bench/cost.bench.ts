// `npm run bench:cost`: what AWS would bill for a million events, counted in a run of the real functions, beside what the
// model of `relay cost` says and what others ask in public.

import prices from '../../infra/cost/prices.json';
import { billOf, GROWING, modelledBill, type Part, sumOf } from './bill';
import { ASSUMED, startMeter, type Units, type Workload } from './metered-run';
import others from './peer-prices.json';
import { describeLoad, markdownTable, writeReport } from './report';

const STAGE = { batchSize: 1_000, batchingWindowSeconds: 1, memorySizeMegabytes: 512 };
const AT_LOAD = { ...STAGE, eventsPerSecond: 1_000 };

const WORKLOADS: readonly (Workload & { readonly name: string; readonly wanted?: number })[] = [
  { name: '1 a request', ...AT_LOAD, events: 1_500, perRequest: 1, wanted: 2.2 },
  { name: '20 a request', ...AT_LOAD, events: 10_000, perRequest: 20, wanted: 0.4 },
  { name: '100 a request', ...AT_LOAD, events: 20_000, perRequest: 100, wanted: 0.32 },
  { name: 'trickle, 0.4 events/s', ...STAGE, eventsPerSecond: 0.4, events: 200, perRequest: 1 },
];

interface Run {
  readonly name: string;
  readonly wanted: number | undefined;
  readonly units: Units;
  readonly bill: Record<Part, number>;
  readonly model: Record<Part, number>;
}

const money = (amount: number): string => `$${amount.toFixed(3)}`;

const billTable = (runs: readonly Run[]): string =>
  markdownTable([
    ['dollars a million events', ...runs.map(({ name }) => name)],
    ...GROWING.map((part) => [part, ...runs.map(({ bill }) => money(bill[part]))]),
    ['**together**', ...runs.map(({ bill }) => `**${money(sumOf(bill))}**`)],
    ['of it without egress', ...runs.map(({ bill }) => money(sumOf(bill) - bill['requests to Customer.io']))],
    ['wanted', ...runs.map(({ wanted }) => (wanted === undefined ? '' : money(wanted)))],
    ['by `relay cost`', ...runs.map(({ model }) => money(sumOf(model)))],
    [
      'with a function URL',
      ...runs.map(({ units, bill }) =>
        money(
          sumOf(bill) -
            bill['API Gateway'] -
            ((units.accessLogBytes / units.events) * prices.logsPerGigabyte) / 1_000,
        ),
      ),
    ],
  ]);

const unitTable = (runs: readonly Run[]): string => {
  const row = (name: string, of: (units: Units) => number): string[] => [
    name,
    ...runs.map(({ units }) => ((of(units) * 1_000) / units.events).toFixed(1)),
  ];
  return markdownTable([
    ['units of a thousand events', ...runs.map(({ name }) => name)],
    row('API requests', ({ apiRequests }) => apiRequests),
    row('invocations of ingest', ({ ingest }) => ingest.invocations),
    row('its billed ms', ({ ingest }) => ingest.billedMs),
    row('SQS: sends', ({ sqs }) => sqs.send),
    row('SQS: receives', ({ sqs }) => sqs.receive),
    row('SQS: deletes', ({ sqs }) => sqs.delete),
    row('SQS: others', ({ sqs }) => sqs.other),
    row('invocations of the consumer', ({ consumer }) => consumer.invocations),
    row('its billed ms', ({ consumer }) => consumer.billedMs),
    row(
      'KB logged by the functions',
      ({ ingest, consumer }) => (ingest.logBytes + consumer.logBytes) / 1_000,
    ),
    row('KB of the access log', ({ accessLogBytes }) => accessLogBytes / 1_000),
    row('KB to Customer.io', ({ egressBytes }) => egressBytes / 1_000),
    ['custom metrics, all together', ...runs.map(({ units }) => `${units.customMetrics}`)],
  ]);
};

const main = async (): Promise<void> => {
  const meter = await startMeter();
  // The first requests of a process are compiled on the way, which Lambda's are not for long.
  await meter.run({ ...AT_LOAD, events: 2_000, perRequest: 10 });
  const runs: Run[] = [];
  for (const { name, wanted, ...workload } of WORKLOADS) {
    const units = await meter.run(workload);
    const bill = billOf(units, workload, prices);
    runs.push({ name, wanted, units, bill, model: modelledBill(workload, units.eventBytes, prices) });
    console.error(`${name}: counted`);
  }
  await meter.close();
  console.log(`List prices of ${prices.region}, ${prices.asOf}; ${describeLoad()}`);
  console.log(`Assumed: SQS answers in ${ASSUMED.sqsMs} ms, Customer.io in ${ASSUMED.customerIoMs} ms.\n`);
  console.log(`${unitTable(runs)}\n\n${billTable(runs)}\n`);
  console.log(`Others, in public:`);
  for (const { who, price, source, read } of others.prices)
    console.log(`- ${who}: ${price} (${source}, ${read})`);
  console.log(
    await writeReport('cost', { asOf: prices.asOf, assumed: ASSUMED, runs, others: others.prices }),
  );
};

void main();
