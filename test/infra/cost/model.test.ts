import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  ALARM_METRICS,
  monthlyCost,
  type Traffic,
  total,
  URL_ALARM_METRICS,
} from '../../../infra/cost/model';
import prices from '../../../infra/cost/prices.json';
import { costTable, DEFAULT_TRAFFIC } from '../../../infra/cost/table';
import { ofType, packageStage } from '../../support/package';

const TIMEOUT_MS = 120_000;
const costOf = (traffic: Partial<Traffic>): number =>
  total(monthlyCost({ ...DEFAULT_TRAFFIC, ...traffic }, prices));
const partOf = (part: string, traffic: Partial<Traffic>): number =>
  monthlyCost({ ...DEFAULT_TRAFFIC, ...traffic }, prices).find((item) => item.part === part)?.dollars ?? 0;

it('At a trickle nearly every message is received, handled and deleted alone', () => {
  expect(partOf('consumer', { eventsPerMonth: 1_000_000 })).toBeGreaterThan(
    10 * partOf('consumer', { perRequest: 20 }),
  );
  expect(partOf('SQS', {})).toBeGreaterThan((2 * 1_000_000 * prices.sqsPerMillionRequests) / 1e6);
});

it('Custom metrics are the largest item of a small deployment, and go without those of sources', () => {
  const items = monthlyCost(DEFAULT_TRAFFIC, prices);
  const largest = Math.max(...items.map(({ dollars }) => dollars));

  expect(items.find(({ dollars }) => dollars === largest)?.part).toBe('custom metrics');
  expect(partOf('custom metrics', { sources: 40, sourceMetrics: false })).toBeCloseTo(13 * 0.3);
  expect(partOf('custom metrics', { sources: 40 })).toBeCloseTo((13 + 40 * 11) * 0.3);
});

it('Nothing but the fixed part is paid for hardly any traffic, and the polls of two idle queues', () => {
  const fixed = 24 * 0.3 + ALARM_METRICS * 0.1 + 3;

  expect(costOf({ eventsPerMonth: 1 })).toBeGreaterThan(fixed + 0.5);
  expect(costOf({ eventsPerMonth: 1 })).toBeLessThan(fixed + 0.8);
});

const traffic = fc.record({
  eventsPerMonth: fc.integer({ min: 1, max: 1_000_000_000 }),
  perRequest: fc.integer({ min: 1, max: 500 }),
  batchingWindowSeconds: fc.integer({ min: 0, max: 60 }),
});

it('More events never cost less, and a longer window never costs more', () => {
  fc.assert(
    fc.property(traffic, (given) => {
      const cost = costOf(given);

      expect(costOf({ ...given, eventsPerMonth: given.eventsPerMonth * 2 })).toBeGreaterThanOrEqual(
        cost - 1e-9,
      );
      expect(
        costOf({ ...given, batchingWindowSeconds: given.batchingWindowSeconds + 1 }),
      ).toBeLessThanOrEqual(cost + 1e-9);
    }),
  );
});

it('A function URL saves what API Gateway asks for a request and its line in the log, and costs two alarm metrics', () => {
  const million = { eventsPerMonth: 1_000_000 };

  expect(partOf('API Gateway', { ...million, door: 'url' })).toBe(0);
  expect(costOf(million) - costOf({ ...million, door: 'url' })).toBeCloseTo(
    prices.apiGatewayPerMillionRequests +
      0.175 * prices.logsPerGigabyte -
      URL_ALARM_METRICS * prices.alarmMetric,
  );
});

it.each([
  ['api', ALARM_METRICS],
  ['url', ALARM_METRICS + URL_ALARM_METRICS],
])(
  'The alarms look at as many metrics as the model counts, with the door %s',
  async (door, expected) => {
    const { resources } = await packageStage(door === 'api' ? {} : { door });

    const metrics = ofType(resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
      const queries = (Properties['Metrics'] ?? []) as readonly { MetricStat?: unknown }[];
      return Math.max(1, queries.filter(({ MetricStat }) => MetricStat !== undefined).length);
    });

    expect(metrics.reduce((sum, count) => sum + count, 0)).toBe(expected);
  },
  TIMEOUT_MS,
);

it('The table of docs/operations.md is the one that `npm run cost` prints', async () => {
  const docs = await readFile(join(__dirname, '../../../docs/operations.md'), 'utf8');
  const cells = (text: string): string[] =>
    text.split('\n').map((line) => line.replace(/ +\|/g, ' |').replace(/\| -+ (?=\|)/g, '| --- '));

  expect(cells(docs)).toEqual(expect.arrayContaining(cells(costTable(prices))));
});
