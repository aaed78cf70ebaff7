import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { startServer } from '../../support/http-server';
import { relayCli, type Stage, startStage } from '../../support/relay-cli';

let stage: Stage;

beforeEach(async () => {
  stage = await startStage();
  stage.setSources([
    { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' },
    { name: 'blog', writeKey: 'w2', siteId: 's2', apiKey: 'k' },
  ]);
});

afterEach(() => stage.stop());

const send = (...argv: readonly string[]) =>
  relayCli(['send', ...argv, '--stage', 'test'], { env: stage.env });

it('sends what the options describe, as the source that is named', async () => {
  const { code, out } = await send(
    '--user',
    'u1',
    '--event',
    'Signed Up',
    '--properties',
    '{"plan":"pro"}',
    '--source',
    'blog',
  );
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringContaining('1 event sent to stage test in us-east-1 as source blog.'),
  });
  const [message] = await stage.takeAll('events');
  expect(message?.MessageAttributes?.['source']?.StringValue).toBe('blog');
  expect(JSON.parse(message?.Body ?? '').batch).toMatchObject([
    { type: 'track', userId: 'u1', event: 'Signed Up', properties: { plan: 'pro' } },
  ]);
});

it.each([
  [['--user', 'u1', '--traits', '{}'], 'identify'],
  [['--user', 'u1', '--name', 'Home'], 'page'],
  [['--user', 'u1', '--name', 'Home', '--type', 'screen'], 'screen'],
  [['--user', 'u1', '--group', 'g1'], 'group'],
  [['--user', 'u1', '--previous', 'u0'], 'alias'],
])('tells the type by %j: %s', async (argv, type) => {
  await send(...argv);
  const [message] = await stage.takeAll('events');
  expect(JSON.parse(message?.Body ?? '').batch).toMatchObject([{ type, userId: 'u1' }]);
});

it('gives each event what its batch says of all of them', async () => {
  const batch = [{ type: 'track', userId: 'u1', event: 'A', messageId: 'm1' }];
  const body = JSON.stringify({ batch, integrations: { 'Customer.io': false } });
  await stage.run('send -', { stdin: Readable.from([Buffer.from(body)]) });
  const [message] = await stage.takeAll('events');
  expect(JSON.parse(message?.Body ?? '').batch).toMatchObject([{ integrations: { 'Customer.io': false } }]);
});

it('takes the examples of a file, and those of standard input', async () => {
  expect((await send('examples/batch.json', '--json')).code).toBe(0);
  const stdin = Readable.from([Buffer.from('[{"type":"track","userId":"u1","event":"A","messageId":"m1"}]')]);
  const { out } = await stage.run('send - --json', { stdin });
  expect(JSON.parse(out)).toEqual({ sent: ['m1'] });
});

it('shows what Customer.io would get, and sends nothing', async () => {
  const { code, out, err } = await send('--user', 'u1', '--event', 'Signed Up', '--translate', '--json');
  expect({ code, err }).toEqual({ code: 0, err: 'Nothing was sent.\n' });
  expect(JSON.parse(out)).toMatchObject({
    outcome: {
      outcome: 'operations',
      parts: [{ operations: [{ type: 'person', action: 'event', name: 'Signed Up' }] }],
    },
    steps: [],
  });
  expect(await stage.count('events')).toBe(0);
});

it('shows for people what Customer.io would get, in the words of a test of rules', async () => {
  stage.setSources([
    {
      ...{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' },
      rules: [{ name: 'no orders', exclude: { event: 'Ordered' } }],
    },
  ]);
  const at = '2026-01-01T00:00:00Z';
  const events = [
    { type: 'track', userId: 'u1', event: 'A', messageId: 'm1', timestamp: at },
    { type: 'track', userId: 'u1', event: 'Ordered' },
    { type: 'track', userId: 'u1' },
  ];
  const stdin = Readable.from([Buffer.from(JSON.stringify(events))]);
  const { code, out } = await stage.run('send - --translate', { stdin });

  expect({ code, out }).toMatchSnapshot();
});

it('shows an event whose operation is too large as the dead letter that it would be', async () => {
  const properties = JSON.stringify({ text: 'x'.repeat(32_650) });
  const { code, out } = await send(
    ...['--user', 'u1', '--event', 'Large', '--properties', properties, '--translate', '--json'],
  );

  expect({ code, outcome: JSON.parse(out).outcome }).toEqual({
    code: 1,
    outcome: { outcome: 'rejected', reason: 'operation_too_large', detail: expect.any(String) },
  });
});

it('shows it for each workspace of a source that has several, with what its own rules did', async () => {
  const eu = {
    name: 'eu',
    siteId: 'eu',
    apiKey: 'k',
    rules: [{ name: 'no orders', exclude: { event: 'Ordered' } }],
  };
  const us = { name: 'us', siteId: 'us', apiKey: 'k' };
  stage.setSources([{ name: 'two', writeKey: 'w', destinations: [eu, us] }]);

  const { code, out } = await send('--user', 'u1', '--event', 'Ordered', '--translate', '--json');

  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect({ code, lines }).toMatchObject({
    code: 0,
    lines: [
      { workspace: 'eu', outcome: { reason: 'excluded_by_rule' }, steps: [{ rule: 'no orders' }] },
      { workspace: 'us', outcome: { outcome: 'operations' }, steps: [] },
    ],
  });
});

it('sends by HTTP with the write key of the source', async () => {
  const requests: unknown[] = [];
  const door = await startServer(async (request, response) => {
    requests.push([request.url, request.headers.authorization, await json(request)]);
    response.end('{}');
  });
  await send('--user', 'u1', '--event', 'A', '--via', 'http', '--endpoint', door.url);
  await door.close();
  expect(requests).toEqual([
    ['/v1/import', `Basic ${btoa('w:')}`, { batch: [expect.objectContaining({ event: 'A' })] }],
  ]);
});

it.each([
  ['the HTTP API', (url: string) => [{ OutputKey: 'HttpApiUrl', OutputValue: url }]],
  [
    'the function URL, before that of the webhooks’ API',
    (url: string) => [
      { OutputKey: 'HttpApiUrl', OutputValue: 'http://127.0.0.1:9' },
      { OutputKey: 'IngestLambdaFunctionUrl', OutputValue: `${url}/` },
    ],
  ],
])('finds %s of a stage in the outputs of its stack', async (_, outputsFor) => {
  const paths: unknown[] = [];
  const door = await startServer((request, response) => {
    paths.push(request.url);
    response.end('{}');
  });
  const cloudFormation = mockClient(CloudFormationClient);
  const Outputs = outputsFor(door.url);
  const stack = { StackName: 'x', CreationTime: new Date(), StackStatus: 'CREATE_COMPLETE' } as const;
  cloudFormation
    .on(DescribeStacksCommand, { StackName: 'cio-relay-test' })
    .resolves({ Stacks: [{ ...stack, Outputs }] });
  const { code } = await send('--user', 'u1', '--event', 'A', '--via', 'http');
  cloudFormation.restore();
  await door.close();
  expect({ code, paths }).toEqual({ code: 0, paths: ['/v1/import'] });
});

it('sends what a rule of the source gives the id that it lacks', async () => {
  const rules = [{ name: 'crm', move: { 'traits.crm': 'userId' } }];
  stage.setSources([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k', rules }]);
  const argv = ['--type', 'identify', '--anonymous', 'a1', '--traits'];

  expect(await send(...argv, '{"crm":"u1"}')).toMatchObject({ code: 0 });
  expect(await send(...argv, '{"plan":"pro"}')).toMatchObject({ code: 1 });
  expect(await stage.count('events')).toBe(1);
});

it.each([
  ['nothing to send', [], 2],
  ['a file, and options of an event beside it', ['examples/batch.json', '--user', 'u1', '--event', 'A'], 2],
  ['properties that are no object', ['--user', 'u1', '--event', 'A', '--properties', '[1]'], 2],
  ['properties that are no JSON', ['--user', 'u1', '--event', 'A', '--properties', '{'], 2],
  ['a file that is not there', ['nowhere.json'], 1],
  ['an event that can never be delivered', ['--user', 'undefined', '--event', 'A'], 1],
  ['an event that would be a dead letter', ['--user', 'undefined', '--event', 'A', '--translate'], 1],
] as const)('fails for %s, and says what to do', async (_, argv, exitCode) => {
  const { code, err } = await send(...argv);
  expect(code).toBe(exitCode);
  expect(err).toMatchSnapshot();
  expect(await stage.count('events')).toBe(0);
});
