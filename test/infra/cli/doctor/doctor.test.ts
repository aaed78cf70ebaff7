// `relay doctor` on a stage of which all is well, and on one where each thing it looks at is wrong.

import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  type EventSourceMappingConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { startServer } from '../../../support/http-server';
import { type Outcome, type Stage, startStage } from '../../../support/relay-cli';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:cio-relay-test-alarms';
const NAMES = ['ingest', 'consumer', 'webhook', 'forwarder'];

const cloudFormation = mockClient(CloudFormationClient);
const cloudWatch = mockClient(CloudWatchClient);
const logs = mockClient(CloudWatchLogsClient);
const lambda = mockClient(LambdaClient);
const sns = mockClient(SNSClient);
const clients = [cloudFormation, cloudWatch, logs, lambda, sns];

type Server = Awaited<ReturnType<typeof startServer>>;

let stage: Stage;
let sandbox: Sandbox;
let door: Server;
/** What the stand-in of the HTTP API answers to an event of so many characters. */
let answerTo: (length: number) => number;
let bodies: string[];
let types: unknown[];

const source = (changes: object = {}) => ({
  name: 'shop',
  writeKey: 'w',
  siteId: 'local',
  apiKey: 'local',
  trackUrl: sandbox.url,
  ...changes,
});

beforeEach(async () => {
  stage = await startStage();
  sandbox = await startSandbox();
  stage.setSources([source()]);
  bodies = [];
  types = [];
  answerTo = (length) => (length > 32_768 ? 400 : 200);
  door = await startServer(async (request, response) => {
    const body = await buffer(request);
    const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    if (request.method === 'POST') {
      bodies.push(text);
      types.push(request.headers['content-type']);
    }
    response.writeHead(answerTo(text.length)).end('{"success":true}');
  });
  letAllBeWell();
});

afterEach(async () => {
  for (const client of clients) client.reset();
  await Promise.all([stage.stop(), sandbox.close(), door.close()]);
});

/** Lambda knows the mapping by what it calls, which is an alias where traffic is shifted, and by the queue. */
const readsQueue = (queue: string, caller: string, mapping: EventSourceMappingConfiguration): void => {
  const EventSourceArn = `arn:aws:sqs:us-east-1:000000000000:cio-relay-test-${queue}`;
  const FunctionArn = `arn:aws:lambda:us-east-1:000000000000:function:cio-relay-test-${caller}`;
  lambda.on(ListEventSourceMappingsCommand, { EventSourceArn }).resolves({
    EventSourceMappings: [
      { UUID: 'u-1', EventSourceArn, FunctionArn, ScalingConfig: { MaximumConcurrency: 5 }, ...mapping },
    ],
  });
};

const letAllBeWell = (): void => {
  const Outputs = [
    { OutputKey: 'HttpApiUrl', OutputValue: door.url },
    { OutputKey: 'Release', OutputValue: '0.2.0+abc' },
  ];
  const stack = {
    StackName: 'cio-relay-test',
    CreationTime: new Date(),
    StackStatus: 'CREATE_COMPLETE',
  } as const;
  cloudFormation.on(DescribeStacksCommand).resolves({ Stacks: [{ ...stack, Outputs }] });
  lambda.on(GetFunctionConfigurationCommand).resolves({
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Runtime: 'nodejs24.x',
    Environment: { Variables: { RELEASE: '0.2.0+abc' } },
  });
  lambda.on(ListEventSourceMappingsCommand).resolves({ EventSourceMappings: [] });
  readsQueue('events', 'consumer', { State: 'Enabled' });
  readsQueue('activity', 'forwarder', { State: 'Enabled' });
  const logGroups = [...NAMES, 'eu-ingest'].map((name) => ({
    logGroupName: `/aws/lambda/cio-relay-test-${name}`,
    logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/cio-relay-test-${name}`,
  }));
  logs.on(DescribeLogGroupsCommand).resolves({ logGroups });
  logs.on(FilterLogEventsCommand).resolves({ events: [] });
  cloudWatch.on(DescribeAlarmsCommand).resolves({
    MetricAlarms: [
      { AlarmName: 'cio-relay-test-settings', StateValue: 'OK', AlarmActions: [TOPIC], ActionsEnabled: true },
      {
        AlarmName: 'cio-relay-test-eu-settings',
        StateValue: 'ALARM',
        AlarmActions: [TOPIC.replace('test', 'test-eu')],
      },
    ],
  });
  sns
    .on(ListSubscriptionsByTopicCommand)
    .resolves({ Subscriptions: [{ SubscriptionArn: `${TOPIC}:1`, Protocol: 'email' }] });
};

const doctor = async (options = ''): Promise<Outcome & { readonly shown: string }> => {
  const outcome = await stage.run(`doctor${options}`);
  const shown = `${outcome.out}${outcome.err}`
    .replaceAll(door.url, 'https://door')
    .replaceAll(sandbox.url, 'https://track')
    .replace(/\d+ bytes, which/, '<n> bytes, which');
  return { ...outcome, shown };
};

it('finds nothing to mend where all is well', async () => {
  const { code, shown } = await doctor();
  expect(code).toBe(0);
  expect(shown).toMatchSnapshot();
});

it('finds what is wrong with settings, workspaces and queues, each with its remedy', async () => {
  stage.setSources([
    source({ apiKey: 'wrong', requestsPerSecond: 900 }),
    source({ name: 'app', writeKey: 'w2', region: 'eu', siteId: 'other', requestsPerSecond: 1_001 }),
    source({ name: 'blog', writeKey: 'w3', rate: 1 }),
    source({ name: 'gone', writeKey: 'w4', siteId: 'x', trackUrl: 'http://127.0.0.1:9' }),
  ]);
  await stage.put('dead-letters', '{}', { reason: 'invalid_event' });
  await stage.put('activity-dead-letters', '{}', { reason: 'invalid_event' });
  const { code, shown } = await doctor();
  expect(code).toBe(1);
  expect(shown).toMatchSnapshot();
});

it('counts what nobody is given before a delay is over, or while somebody has it', async () => {
  const { sqs, queueUrl } = stage;
  const QueueUrl = queueUrl('events');
  await stage.put('events', '{}');
  await sqs.client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 60 }));
  await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', DelaySeconds: 60 }));

  expect((await doctor()).shown).toContain('ok    queue events: 2 messages');
});

it('finds a workspace that lives in another region', async () => {
  stage.setSources([source({ region: 'eu' })]);
  expect((await doctor()).shown).toMatchSnapshot();
});

it('finds message activity of which half is set up', async () => {
  const key = { webhookSigningKeys: ['k'] };
  const forward = { segmentWriteKey: 's', segmentUrl: 'https://segment.example.com' };
  stage.setSources([
    source({ ...key, ...forward }),
    source({ ...key, name: 'taken', writeKey: 'w2' }),
    source({ ...forward, name: 'sent', writeKey: 'w3' }),
    source({ name: 'none', writeKey: 'w4' }),
  ]);

  const { findings } = JSON.parse((await doctor(' --json')).out) as { findings: { about: string }[] };

  expect(findings.filter(({ about }) => about.startsWith('activity of'))).toEqual([
    {
      state: 'good',
      about: 'activity of shop',
      what: 'taken at /webhooks/customerio/shop, and sent to https://segment.example.com',
    },
    {
      state: 'bad',
      about: 'activity of taken',
      what: expect.stringContaining('no segmentWriteKey'),
      remedy: expect.stringContaining('four days'),
    },
    {
      state: 'warning',
      about: 'activity of sent',
      what: expect.stringContaining('no webhookSigningKeys'),
      remedy: expect.stringContaining('refused'),
    },
  ]);
});

it('finds a stage without an archive that its sources count on', async () => {
  const archiveOf = async (): Promise<unknown> => {
    const { findings } = JSON.parse((await doctor(' --json')).out);
    return findings.filter(({ about }: { about: string }) => about === 'archive');
  };
  const remedy =
    'Nothing is archived: deploy with --param=archive=on, or take `archive` out of the settings (docs/archive.md).';
  expect(await archiveOf()).toEqual([]);
  stage.setSources([source({ archive: 'outcomes' })]);
  const what = 'shop would be archived, and the stage has no archive';
  expect(await archiveOf()).toEqual([{ state: 'warning', about: 'archive', what, remedy }]);
  stage.setSources([source({ archive: 'events', archiveRequired: true })]);
  const required = 'shop must be archived, and the stage has no archive';
  expect(await archiveOf()).toEqual([{ state: 'bad', about: 'archive', what: required, remedy }]);
  const place = JSON.stringify({ bucket: 'b', database: 'd', table: 'archive' });
  stage.parameters.versions.set('/cio-relay/test/archive', [place]);
  expect(await archiveOf()).toEqual([{ state: 'good', about: 'archive', what: 'of shop in s3://b' }]);
});

it('finds settings that are not there, not encrypted, or too large for a standard parameter', async () => {
  stage.parameters.type = 'String';
  stage.setSources(
    Array.from({ length: 60 }, (_, index) => source({ name: `s${index}`, writeKey: `w${index}` })),
  );
  const large = await doctor();
  stage.parameters.versions.clear();
  const none = await doctor();
  expect([large.code, none.code]).toEqual([1, 1]);
  expect(firstLines(large.shown, 12)).toMatchSnapshot();
  expect(firstLines(none.shown, 3)).toMatchSnapshot();
});

const firstLines = (text: string, count: number): string => text.split('\n').slice(0, count).join('\n');

it('finds functions that cannot run, are of another release, or are not reached by their queue', async () => {
  const on = (name: string) =>
    lambda.on(GetFunctionConfigurationCommand, { FunctionName: `cio-relay-test-${name}` });
  on('ingest').resolves({ State: 'Failed', StateReason: 'The role is gone' });
  on('webhook').resolves({
    State: 'Active',
    Runtime: 'nodejs24.x',
    Environment: { Variables: { RELEASE: '0.1.0' } },
  });
  on('forwarder').rejects(
    Object.assign(new Error('no such function'), { name: 'ResourceNotFoundException' }),
  );
  readsQueue('events', 'consumer', { State: 'Disabled' });
  readsQueue('activity', 'webhook', { State: 'Enabled' });
  expect((await doctor()).shown).toMatchSnapshot();
});

it('sees that the queues are read where traffic is shifted, by the aliases of the functions', async () => {
  readsQueue('events', 'consumer:live', { State: 'Enabled' });
  readsQueue('activity', 'forwarder:live', { State: 'Updating' });

  const { shown } = await doctor();

  expect(shown).toContain('ok    function consumer: its queue is read, by 5 at most');
  expect(shown).toContain('ok    function forwarder: its queue is read, by 5 at most');
});

it('finds the last errors, alarms that are on or tell nobody, and topics without a subscriber', async () => {
  const timestamp = Date.now() - 2 * 3_600_000;
  const line = JSON.stringify({ level: 'ERROR', message: 'An operator must act', advice: 'Mend the key.' });
  logs
    .on(FilterLogEventsCommand)
    .resolvesOnce({ events: [{ timestamp, message: line }], nextToken: 'more' })
    .resolvesOnce({
      events: [
        { timestamp, message: line },
        { timestamp, message: 'Task timed out after 60 s' },
      ],
    })
    .resolves({ events: [] });
  const alarm = { ActionsEnabled: true, AlarmActions: [TOPIC] };
  cloudWatch.on(DescribeAlarmsCommand).resolves({
    MetricAlarms: [
      {
        ...alarm,
        AlarmName: 'cio-relay-test-events-late',
        StateValue: 'ALARM',
        AlarmDescription: 'Events wait too long. Runbook: …',
      },
      { ...alarm, AlarmName: 'cio-relay-test-throttled', StateValue: 'OK', ActionsEnabled: false },
    ],
  });
  sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions: [] });
  expect((await doctor()).shown).toMatchSnapshot();
  sns
    .on(ListSubscriptionsByTopicCommand)
    .resolves({ Subscriptions: [{ SubscriptionArn: 'PendingConfirmation' }] });
  expect((await doctor()).shown).toMatch(/the subscription is\s+not confirmed/);
});

it('finds that nothing is deployed', async () => {
  cloudFormation
    .on(DescribeStacksCommand)
    .rejects(
      Object.assign(new Error('Stack with id cio-relay-test does not exist'), { name: 'ValidationError' }),
    );
  logs.on(DescribeLogGroupsCommand).resolves({});
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  const { code, shown } = await doctor();
  expect(code).toBe(1);
  expect(shown).toMatchSnapshot();
});

it('says which permissions are missing, and looks at the rest all the same', async () => {
  const denied = Object.assign(new Error('User is not authorized'), { name: 'AccessDeniedException' });
  logs.on(FilterLogEventsCommand).rejects(denied);
  cloudWatch.on(DescribeAlarmsCommand).rejects(denied);
  const { code, shown } = await doctor();
  expect(code).toBe(1);
  expect(shown).toMatchSnapshot();
});

it('says once what is wrong with everything, as without credentials', async () => {
  const unusable = Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  });
  for (const client of clients) client.rejects(unusable);
  const others = [mockClient(SQSClient).rejects(unusable), mockClient(SSMClient).rejects(unusable)];
  const { code, shown } = await doctor();
  const { out } = await doctor(' --json');
  for (const client of others) client.restore();
  expect(code).toBe(1);
  expect(shown).toMatchSnapshot();
  expect(JSON.parse(out).findings.length).toBeGreaterThan(10);
});

it('tries the HTTP API by a plain, a gzip and an oversized request', async () => {
  const { code, out } = await doctor(' --send');
  expect(code).toBe(0);
  expect(bodies).toHaveLength(4);
  expect(types.sort()).toEqual([...Array(3).fill('application/json'), 'application/octet-stream']);
  expect(out).toContain('ok    HTTP API, an oversized request: answered 400, as it should');
});

it('says what to do where gzip arrives as broken text', async () => {
  const broken = await startServer((request, response) => {
    request.resume();
    const isGzip = request.headers['content-encoding'] === 'gzip';
    response.writeHead(isGzip ? 503 : 200).end(isGzip ? '{"code":"body_encoding_lost"}' : '{}');
  });
  const { out } = await stage.run(`doctor --send --endpoint ${broken.url}`);
  await broken.close();
  expect(out).toMatch(/BAD {3}HTTP API, a gzip request: \S+\s+answered\s+503[^→]*→ \S+\s+body-encoding-lost/);
});

it.each([413, 401, 404, 429, 503])('says what to do when the HTTP API answers %i', async (status) => {
  answerTo = () => status;
  const { code, shown } = await doctor(` --send --endpoint ${door.url}/`);
  expect(code).toBe(1);
  expect(shown.slice(shown.indexOf('BAD   HTTP API:'))).toMatchSnapshot();
});

it('says what a function URL lacks that lets nobody in', async () => {
  const closed = await startServer((request, response) => {
    request.resume();
    response
      .writeHead(403)
      .end('{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: …"}');
  });
  const { out } = await stage.run(`doctor --endpoint ${closed.url}`);
  await closed.close();
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'its function URL lacks lambda:InvokeFunctionUrl or lambda:InvokeFunction for everybody. Else a policy of your organisation forbids it.',
  );
});

it('answers in JSON', async () => {
  const { out } = await doctor(' --json');
  expect(JSON.parse(out).findings).toContainEqual({ state: 'good', about: 'settings', what: '1 source' });
});

it('colours the marks, where colours are wanted, and the words not', async () => {
  stage.setSources([source({ apiKey: 'wrong' })]);
  const { out } = await stage.run('doctor', { paint: (color, text) => `<${color}>${text}</>` });
  expect(out).toMatch(/^<green>ok {2}<\/> {2}settings: 1 source\n/);
  expect(out).toContain('<red>BAD </>  workspace of shop: Customer.io does not know');
});

it('never writes a line that is wider than 80 columns, but for a word that is', async () => {
  stage.setSources([source({ apiKey: 'wrong' })]);
  const lines = (await doctor()).shown.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
