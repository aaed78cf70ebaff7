import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../functions/consumer';
import { startServer, type TestServer } from '../support/http-server';
import { captureLogs } from '../support/log-output';
import { recordOf } from '../support/sqs-record';
import { takeAll } from '../support/stored-webhooks';

interface Workspace extends TestServer {
  readonly taken: string[];
  status: number;
}

const sqs = mockClient(SQSClient);
const SAVED_ENV = { ...process.env };
let us: Workspace;
let eu: Workspace;

const startWorkspace = async (): Promise<Workspace> => {
  const taken: string[] = [];
  const server = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { batch } = JSON.parse(Buffer.concat(chunks).toString()) as { batch: { name: string }[] };
      if (workspace.status === 200) taken.push(...batch.map(({ name }) => name));
      response.writeHead(workspace.status).end('{}');
    });
  });
  const workspace: Workspace = { ...server, taken, status: 200 };
  return workspace;
};

const useSources = (destinations: readonly object[]): void => {
  process.env['SOURCES'] = JSON.stringify([{ name: 'web', writeKey: 'w', destinations }]);
};

const invoke = (...records: readonly SQSRecord[]) => {
  const context = { awsRequestId: 'r1', getRemainingTimeInMillis: () => 60_000 } as Context;
  return handler({ Records: [...records] }, context);
};

/** Messages put back, or dead letters, as SQS would hand them out. */
const sentTo = (queue: string): SQSRecord[] =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .map(({ args }) => args[0].input)
    .filter(({ QueueUrl }) => QueueUrl?.endsWith(queue))
    .flatMap(({ Entries = [] }) => Entries)
    .map(({ MessageBody = '', MessageAttributes = {} }) =>
      recordOf({
        messageId: 'again',
        body: MessageBody,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
        ),
        sentAt: new Date(),
      }),
    );

const event = { type: 'track', userId: 'u1', event: 'Ordered', messageId: 'a', timestamp: '2026-02-01' };

beforeEach(async () => {
  [us, eu] = await Promise.all([startWorkspace(), startWorkspace()]);
  process.env['QUEUE_URL'] = 'http://127.0.0.1/0/events';
  process.env['DEAD_LETTER_QUEUE_URL'] = 'http://127.0.0.1/0/dead';
  useSources([
    { name: 'us', siteId: 's', apiKey: 'k', trackUrl: us.url, requestsPerSecond: 1_000 },
    { name: 'eu', siteId: 's', apiKey: 'k', trackUrl: eu.url, requestsPerSecond: 1_000, pageName: 'url' },
  ]);
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
});
afterEach(async () => {
  process.env = { ...SAVED_ENV };
  await Promise.all([us.close(), eu.close()]);
});

it('delivers a record to each workspace as its settings say', async () => {
  const page = { type: 'page', userId: 'u1', name: 'Home', properties: { url: 'https://a.example/' } };

  await expect(invoke(recordOf({ body: [event, page] }))).resolves.toEqual({ batchItemFailures: [] });

  expect([us.taken, eu.taken]).toEqual([
    ['Ordered', 'Home'],
    ['Ordered', 'https://a.example/'],
  ]);
});

it('brings an event to the workspace that was away, and once to the one that was there', async () => {
  eu.status = 401;
  const output = captureLogs();
  const answer = await invoke(recordOf({ body: event, sentAt: new Date() }));
  output.release();
  eu.status = 200;
  const again = await invoke(...sentTo('/events'));

  expect([answer, again]).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
  expect([us.taken, eu.taken]).toEqual([['Ordered'], ['Ordered']]);
  expect(output.lines.filter((line) => line.includes('An operator must act'))).toEqual([
    expect.stringContaining('"workspace":"eu"'),
  ]);
});

it('replays a dead letter to its workspace, and to no other', async () => {
  eu.status = 400;
  const output = captureLogs();
  await invoke(recordOf({ body: event, sentAt: new Date() }));
  output.release();
  eu.status = 200;
  await invoke(...sentTo('/dead'));

  expect(sentTo('/events')).toEqual([]);
  expect([us.taken, eu.taken]).toEqual([['Ordered'], ['Ordered']]);
});

it('keeps every record of a source while one of its destinations has a mistake', async () => {
  const output = captureLogs();
  process.env['SOURCES'] = JSON.stringify([
    {
      name: 'web',
      writeKey: 'w',
      destinations: [{ name: 'us', siteId: 's', apiKey: 'k', trackUrl: us.url }, {}],
    },
    { name: 'good', writeKey: 'g', siteId: 's', apiKey: 'k' },
  ]);

  const answer = await invoke(recordOf({ body: event }));
  output.release();

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(us.taken).toEqual([]);
  expect(output.lines.join('\n')).toContain('destinations.1: siteId is required');
});

it('prints what a dry run would send, workspace by workspace', async () => {
  process.env['DRY_RUN'] = '1';
  const lines: unknown[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(JSON.parse(String(line)));
    return true;
  });

  await invoke(recordOf({ body: [event, {}] }));

  expect(lines).toEqual([
    expect.objectContaining({ dryRun: 'would be sent', source: 'web', workspace: 'us' }),
    expect.objectContaining({ dryRun: 'would be sent', source: 'web', workspace: 'eu' }),
    expect.objectContaining({ dryRun: 'would be dead-lettered', source: 'web', workspace: 'us' }),
    expect.objectContaining({ dryRun: 'would be dead-lettered', source: 'web', workspace: 'eu' }),
  ]);
});
