import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../../functions/consumer';
import { LAST_RECEIVE } from '../../../lib/delivery/retry-policy';
import { logger } from '../../../lib/observability';
import { startServer, type TestServer } from '../../support/http-server';
import { recordOf, SENT_AT } from '../../support/sqs-record';

const sqsMock = mockClient(SQSClient);
const SAVED_ENV = { ...process.env };
let server: TestServer;
let bodies: string[];

const sourcesAt = (trackUrl: string): string =>
  JSON.stringify([
    { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k', trackUrl, requestsPerSecond: 1_000 },
  ]);

const invoke = (records: readonly SQSRecord[], remainingMs = 60_000) => {
  const context = { awsRequestId: 'r1', getRemainingTimeInMillis: () => remainingMs } as Context;
  return handler({ Records: [...records] }, context);
};

const event = { type: 'track', userId: 'u1', event: 'Ordered' };
const visibleIn = () =>
  sqsMock
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap(({ args }) => args[0].input.Entries ?? [])
    .map(({ VisibilityTimeout }) => VisibilityTimeout ?? -1);

beforeEach(async () => {
  bodies = [];
  server = await startServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on('end', () => response.end('{}'));
  });
  process.env['SOURCES'] = sourcesAt(server.url);
  process.env['QUEUE_URL'] = 'http://127.0.0.1/0/events';
  process.env['DEAD_LETTER_QUEUE_URL'] = 'http://127.0.0.1/0/dead';
  sqsMock.reset();
  sqsMock.on(ChangeMessageVisibilityBatchCommand).resolves({ Successful: [] });
});
afterEach(async () => {
  process.env = { ...SAVED_ENV };
  await server.close();
});

it('delivers the records and acknowledges them', async () => {
  await expect(invoke([recordOf({ body: event })])).resolves.toEqual({ batchItemFailures: [] });

  expect(JSON.parse(bodies.join(''))).toMatchObject({ batch: [{ action: 'event', name: 'Ordered' }] });
});

it('answers an empty invocation', async () => {
  await expect(invoke([])).resolves.toEqual({ batchItemFailures: [] });
});

it('asks for records back at once when there is no time to deliver them', async () => {
  const answer = await invoke([recordOf({ body: event })], 10_000);

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(visibleIn()).toEqual([0]);
  expect(bodies).toEqual([]);
});

it('answers only when it is set when the records come back: behind its answer the process is frozen', async () => {
  let isSet = false;
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    isSet = true;
    return { Successful: [] };
  });

  await invoke([recordOf({ body: event })], 10_000);

  expect(isSet).toBe(true);
});

it.each([
  ['SOURCES', 'not json'],
  ['SOURCES', '[{"name":"shop"}]'],
  ['MAX_CONSUMERS', 'many'],
  ['DEAD_LETTER_QUEUE_URL', ''],
])('keeps every record, for long, while %s is %j', async (name, value) => {
  const log = jest.spyOn(logger, 'error');
  process.env[name] = value;

  const answer = await invoke([
    recordOf({ messageId: 'm1', body: event }),
    recordOf({ messageId: 'm2', body: event }),
  ]);

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] });
  expect(visibleIn()).toHaveLength(2);
  for (const seconds of visibleIn()) expect(seconds).toBeGreaterThanOrEqual(450);
  expect(log).toHaveBeenCalledWith(expect.stringMatching(/settings/), {
    mistake: expect.stringContaining(name),
  });
});

describe.each([
  ['none can be used', 'not json', {}],
  [
    'its source has a mistake',
    '[{"name":"blog"},{"name":"shop","writeKey":"w","siteId":"s","apiKey":"k"}]',
    { source: 'blog' },
  ],
])('a message that the settings keep, because %s', (_, sources, attributes) => {
  const waitingFor = (receiveCount: number) => {
    process.env['SOURCES'] = sources;
    const body = [event, { ...event, messageId: 'own', timestamp: '2026-03-01T09:00:00Z' }];
    return invoke([
      recordOf({ body, attributes, receiveCount }),
      recordOf({ messageId: 'm2', body, attributes }),
    ]);
  };
  const putBack = () =>
    sqsMock.commandCalls(SendMessageBatchCommand).flatMap(({ args }) => args[0].input.Entries ?? []);

  it('is put on the queue anew before SQS moves it away without a reason', async () => {
    sqsMock
      .on(SendMessageBatchCommand)
      .callsFake(({ Entries }: { Entries: object[] }) => ({ Successful: Entries }));

    const answer = await waitingFor(LAST_RECEIVE);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
    expect(visibleIn()).toHaveLength(1);
    const source = 'source' in attributes ? { source: { StringValue: 'blog' } } : {};
    expect(putBack()).toMatchObject([
      {
        MessageBody: JSON.stringify(event),
        MessageAttributes: {
          ...source,
          receives: { StringValue: String(LAST_RECEIVE) },
          messageId: { StringValue: 'm1-0' },
          timestamp: { StringValue: SENT_AT.toISOString() },
        },
      },
      { MessageBody: expect.stringContaining('"own"'), MessageAttributes: source },
    ]);
    for (const { DelaySeconds } of putBack()) expect(DelaySeconds).toBeGreaterThanOrEqual(450);
  });

  it('stays where it is until then', async () => {
    await waitingFor(LAST_RECEIVE - 1);

    expect(putBack()).toEqual([]);
    expect(visibleIn()).toHaveLength(2);
  });

  it('stays where it is when SQS does not take it anew', async () => {
    sqsMock.on(SendMessageBatchCommand).rejects(new Error('down'));

    const answer = await waitingFor(LAST_RECEIVE);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] });
    expect(visibleIn()).toHaveLength(2);
  });
});

it('keeps every record while the queue URL itself is wrong', async () => {
  process.env['QUEUE_URL'] = 'nonsense';

  await expect(invoke([recordOf({ body: event })])).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }],
  });
});

it('keeps every record after an error nobody expected', async () => {
  const log = jest.spyOn(logger, 'error');
  const broken = { ...recordOf({ body: event }), messageAttributes: null } as unknown as SQSRecord;

  const answer = await invoke([broken, recordOf({ messageId: 'm2', body: event })]);

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] });
  expect(log).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ errorName: 'TypeError' }));
});

describe('a dry run', () => {
  let lines: unknown[];
  beforeEach(() => {
    process.env['DRY_RUN'] = '1';
    lines = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(JSON.parse(String(line)));
      return true;
    });
  });

  it('prints what would be sent, sends nothing, and acknowledges nothing', async () => {
    const answer = await invoke([
      recordOf({ body: [event, { ...event, integrations: { All: false } }, {}] }),
    ]);

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(lines).toEqual([
      {
        dryRun: 'would be sent',
        source: 'shop',
        operations: [expect.objectContaining({ action: 'event', name: 'Ordered' })],
      },
      { dryRun: 'would be skipped', source: 'shop', reason: 'integrations_disabled' },
      {
        dryRun: 'would be dead-lettered',
        source: 'shop',
        reason: 'invalid_event',
        detail: expect.any(String),
      },
    ]);
    expect(bodies).toEqual([]);
    expect(sqsMock.commandCalls(SendMessageBatchCommand)).toEqual([]);
    expect(sqsMock.commandCalls(ChangeMessageVisibilityBatchCommand)).toEqual([]);
  });

  it('prints that a message is no JSON', async () => {
    await invoke([recordOf({ body: 'hello' })]);

    expect(lines).toEqual([
      expect.objectContaining({ dryRun: 'would be dead-lettered', reason: 'invalid_json' }),
    ]);
  });
});
