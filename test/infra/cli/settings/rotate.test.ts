// `relay settings rotate`: both keys work for a while, and who still uses the old one is seen, before and after its end.

import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { startConsoleStack } from '../../../support/console-stack';
import { relayCli, type Stage, startStage } from '../../../support/relay-cli';

const SHOP = { name: 'shop', writeKey: 'secret-w', siteId: 'secret-s', apiKey: 'secret-k' };
const BLOG = { name: 'blog', writeKey: 'secret-w2', siteId: 'secret-s2', apiKey: 'secret-k2' };
const HOUR_MS = 3_600_000;

const cloudWatch = mockClient(CloudWatchClient);
const logs = mockClient(CloudWatchLogsClient);

let stage: Stage;

beforeEach(async () => {
  stage = await startStage();
  stage.setSources([SHOP, BLOG]);
  logs.on(DescribeLogGroupsCommand).resolves({
    logGroups: [{ logGroupName: '/aws/lambda/cio-relay-test-ingest', logGroupArn: 'arn' }],
  });
});

afterEach(async () => {
  cloudWatch.reset();
  logs.reset();
  await stage.stop();
});

const stored = () =>
  (stage.parameters.versions.get('/cio-relay/test/sources') ?? []).map((text) => JSON.parse(text));

/** By the id of a query; newest first, as CloudWatch answers. */
const letMetricsBe = (values: Readonly<Record<string, readonly number[]>>): void => {
  const MetricDataResults = Object.entries(values).map(([Id, Values]) => ({
    Id,
    Values: [...Values],
    Timestamps: Values.map((_, hours) => new Date(Date.now() - (hours + 1) * HOUR_MS)),
  }));
  cloudWatch.on(GetMetricDataCommand).resolves({ MetricDataResults });
};

it('gives a new write key, and the old one goes on until the rotation is finished', async () => {
  letMetricsBe({ source0: [0, 0, 7, 5] });
  const { code, out } = await stage.run('settings rotate shop --yes --json');
  expect(code).toBe(0);
  const { writeKey } = JSON.parse(out);
  expect(writeKey).toMatch(/^[0-9a-f]{32}$/);
  expect(stored()[1]).toEqual([{ ...SHOP, writeKey }, { ...SHOP, name: 'shop-retiring' }, BLOG]);
  expect((await stage.run('settings check')).code).toBe(0);
  const finished = await stage.run('settings rotate shop --finish', { answer: 'y' });
  expect(finished).toMatchSnapshot();
  expect(stored()[2]).toEqual([{ ...SHOP, writeKey }, BLOG]);
});

it('makes no key when it is rehearsed, and ends no rotation', async () => {
  const { out } = await stage.run('settings rotate shop --dry-run');
  expect(out).toContain('- shop: writeKey changes\n- shop-retiring is new');
  expect(out).not.toContain('The new write key');
  expect(stored()).toHaveLength(1);
  await stage.run('settings rotate shop --yes');
  letMetricsBe({ source0: [3] });
  const ended = await stage.run('settings rotate shop --finish --dry-run');
  expect(ended.out).toContain('- shop-retiring is gone');
  expect(ended.err).toBe('A rehearsal: nothing was stored.\n');
  expect(stored()).toHaveLength(2);
});

it('shows what each key brings while both work', async () => {
  await stage.run('settings rotate shop --yes');
  letMetricsBe({ source0: [1_200, 4], source1: [0, 3], refused: [] });
  expect(await stage.run('settings rotate shop --status')).toMatchSnapshot();
  const queries = cloudWatch.commandCalls(GetMetricDataCommand)[0]?.args[0].input.MetricDataQueries;
  expect(
    queries?.map(({ MetricStat: stat }) => [stat?.Metric?.MetricName, stat?.Metric?.Dimensions]),
  ).toEqual([
    ['EventsReceived', [{ Name: 'source', Value: 'shop' }]],
    ['EventsReceived', [{ Name: 'source', Value: 'shop-retiring' }]],
    ['RequestsRefused', [{ Name: 'code', Value: 'invalid_write_key' }]],
  ]);
});

it('shows the refusals of the old key once it has ended, and whose they are', async () => {
  letMetricsBe({ source0: [1_200], refused: [2, 40] });
  const line = (client: string, requests: number, code = 'invalid_write_key') =>
    JSON.stringify({ message: 'Requests refused', requests, refused: [{ code, client, requests }] });
  logs.on(FilterLogEventsCommand).resolves({
    events: [
      line('analytics.js', 2),
      line('analytics-ruby', 30),
      line('analytics.js', 10),
      line('curl', 9, 'invalid_json'),
    ].map((message) => ({ message, timestamp: Date.now() })),
  });
  expect(await stage.run('settings rotate shop --status')).toMatchSnapshot();
  const { out } = await stage.run('settings rotate shop --status --json');
  expect(JSON.parse(out)).toMatchObject({
    received: { shop: { count: 1_200 } },
    refused: { count: 42, clients: ['analytics-ruby 30', 'analytics.js 12'] },
  });
});

it('ends a rotation also where the metrics may not be read, and says so', async () => {
  await stage.run('settings rotate shop --yes');
  cloudWatch
    .on(GetMetricDataCommand)
    .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDenied' }));
  const { code, err } = await stage.run('settings rotate shop --finish --yes');
  expect(code).toBe(0);
  expect(err).toMatch(/no telling whether the old key is still used: AccessDenied/);
});

it.each([
  'settings rotate nobody --yes',
  'settings rotate shop --finish --yes',
  'settings rotate nobody --status',
])('fails, and says what there is: %s', async (line) => {
  expect(await stage.run(line)).toMatchSnapshot();
  expect(stored()).toHaveLength(1);
});

it('stores nothing when the old key could not go on, because the name is too long with its ending', async () => {
  const name = 'n'.repeat(95);
  stage.setSources([{ ...SHOP, name }]);
  const { code, err } = await stage.run(`settings rotate ${name} --yes`);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('may hold letters, digits') });
  expect(stored()).toHaveLength(1);
});

it('rotates no key twice at once', async () => {
  await stage.run('settings rotate shop --yes');
  expect(await stage.run('settings rotate shop --yes')).toMatchSnapshot();
});

it('shows the same of the local stack, by its journal', async () => {
  const { journal, env, close } = await startConsoleStack();
  const event = { door: 'http', source: 'local', messageId: 'm', raw: {} } as const;
  journal.add(event, { fate: 'delivered' }, 'x');
  journal.add({ ...event, source: '' }, { fate: 'refused', reason: 'invalid_write_key' }, 'x');
  const { out } = await relayCli(['settings', 'rotate', 'local', '--status'], { env });
  await close();
  // However long a busy machine takes to look.
  expect(out.replace(/\d+ s ago/g, '<n> s ago')).toMatchInlineSnapshot(`
"in 24 hours  what              last     from
1            events            <n> s ago
1            requests refused  <n> s ago
"
`);
});
