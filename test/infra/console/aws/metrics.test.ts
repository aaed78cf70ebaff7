import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { readNumbers, type StageWay } from '../../../../infra/console/aws/metrics';
import { type Counted, standInForCloudWatch } from '../../../support/cloud-watch';

const NOW = Date.parse('2026-11-28T12:00:30Z');
const MINUTE = 60_000;
const minutesAgo = (minutes: number): number => Math.floor(NOW / MINUTE) * MINUTE - minutes * MINUTE;

const EVENTS = 'cio-relay-prod/events';
const WAY: StageWay = {
  name: 'Customer.io',
  namespace: EVENTS,
  queueName: 'cio-relay-prod-events',
  functionNames: ['cio-relay-prod-ingest', 'cio-relay-prod-consumer'],
};

const own = (name: string, value: number, dimensions: Record<string, string> = {}): Counted => ({
  namespace: EVENTS,
  name,
  dimensions,
  values: [
    [minutesAgo(30), value],
    [minutesAgo(10), value],
  ],
});

const COUNTED: readonly Counted[] = [
  own('EventsReceived', 10),
  own('EventsReceived', 7, { source: 'web' }),
  own('EventsReceived', 3, { source: 'app' }),
  own('EventsDeadLettered', 2),
  own('EventsDeadLettered', 2, { source: 'web', reason: 'missing_identifier' }),
  own('EventsSkipped', 1, { source: 'app', reason: 'integrations_disabled' }),
  own('RequestsRefused', 5),
  own('RequestsRefused', 4, { code: 'invalid_write_key' }),
  own('RequestsRefused', 1, { code: 'malformed_json' }),
  own('RequestsRefused', 1, { source: 'web', code: 'malformed_json' }),
  {
    ...own('EventAgeSeconds', 1),
    values: Array.from({ length: 100 }, (_, index) => [minutesAgo(10), index + 1] as const),
  },
  own('RetriedEventAgeSeconds', 40),
  own('InvocationsFailed', 1),
  {
    namespace: 'AWS/Lambda',
    name: 'Errors',
    dimensions: { FunctionName: 'cio-relay-prod-consumer' },
    values: [[minutesAgo(10), 2]],
  },
  {
    namespace: 'AWS/SQS',
    name: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: 'cio-relay-prod-events' },
    values: [[minutesAgo(10), 12]],
  },
  {
    namespace: 'AWS/SQS',
    name: 'ApproximateNumberOfMessagesDelayed',
    dimensions: { QueueName: 'cio-relay-prod-events' },
    values: [[minutesAgo(10), 30_000]],
  },
  {
    namespace: 'AWS/SQS',
    name: 'ApproximateAgeOfOldestMessage',
    dimensions: { QueueName: 'cio-relay-prod-events' },
    values: [[minutesAgo(10), 25]],
  },
];

const client = new CloudWatchClient({ region: 'us-east-1' });
let mock: ReturnType<typeof standInForCloudWatch>;

beforeEach(() => {
  mock = standInForCloudWatch(COUNTED);
});

afterEach(() => mock.restore());

const sumOf = (values: readonly (number | null)[] = []): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

it('All sources together: counts by step, ages the largest of those that tell one, depths as they were', async () => {
  const numbers = await readNumbers(client, WAY, { seconds: 3_600, source: '' }, NOW);
  const at = (measure: string, minutes: number) =>
    numbers.measured[measure]?.[numbers.times.indexOf(minutesAgo(minutes) + MINUTE)];

  expect([numbers.times.length, numbers.stepSeconds]).toEqual([60, 60]);
  expect(at('came', 10)).toBe(10);
  expect(at('came', 20)).toBe(0);
  expect(at('oldestSeconds', 10)).toBe(100);
  expect([at('deliveredSeconds', 10), at('deliveredSeconds', 20)]).toEqual([95, null]);
  expect(at('functionErrors', 10)).toBe(3);
  // What is sent again with a delay waits as well: in an outage that is most of it.
  expect([at('waiting', 10), at('waiting', 20)]).toEqual([30_012, null]);
  expect(numbers.sources).toEqual(['app', 'web']);
});

it('What CloudWatch may not have yet is unknown, and no zero', async () => {
  const { measured } = await readNumbers(client, WAY, { seconds: 3_600, source: '' }, NOW);

  expect(measured['came']?.slice(-3)).toEqual([null, null, null]);
  expect(measured['came']?.at(-4)).toBe(0);
});

it('Why events went nowhere is told by code, the most frequent first', async () => {
  const { causes } = await readNumbers(client, WAY, { seconds: 3_600, source: '' }, NOW);

  expect(causes).toEqual([
    { fate: 'refused', code: 'invalid_write_key', source: '', count: 8 },
    { fate: 'dead_lettered', code: 'missing_identifier', source: 'web', count: 4 },
    { fate: 'skipped', code: 'integrations_disabled', source: 'app', count: 2 },
    { fate: 'refused', code: 'malformed_json', source: '', count: 2 },
  ]);
});

it('One source has its own numbers and none of the queue, which all of them share', async () => {
  const { measured, causes } = await readNumbers(client, WAY, { seconds: 3_600, source: 'web' }, NOW);

  expect(sumOf(measured['came'])).toBe(14);
  expect(sumOf(measured['refused'])).toBe(2);
  expect(Object.keys(measured)).not.toContain('waiting');
  expect(causes).toEqual([
    { fate: 'dead_lettered', code: 'missing_identifier', source: 'web', count: 4 },
    { fate: 'refused', code: 'malformed_json', source: 'web', count: 2 },
  ]);
});

it.each([
  [3_600, 60, 60],
  [86_400, 300, 288],
  [14 * 86_400, 3_600, 336],
])('A range of %d s is asked for in steps of %d s', async (seconds, stepSeconds, steps) => {
  const numbers = await readNumbers(client, WAY, { seconds, source: '' }, NOW);

  expect([numbers.stepSeconds, numbers.times.length]).toEqual([stepSeconds, steps]);
  const [call] = mock.commandCalls(GetMetricDataCommand);
  expect(call?.args[0].input.MetricDataQueries?.[0]?.MetricStat?.Period).toBe(stepSeconds);
});

it('What CloudWatch complains of is passed on', async () => {
  mock.on(GetMetricDataCommand).resolves({ Messages: [{ Code: 'Partial', Value: 'Too many.' }] });

  const { problems } = await readNumbers(client, WAY, { seconds: 3_600, source: '' }, NOW);
  expect(problems).toEqual(['CloudWatch: Too many.']);
});
