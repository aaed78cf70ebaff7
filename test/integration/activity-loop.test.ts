// The whole loop with the real handlers: an SDK's event reaches Customer.io; Customer.io reports what became of
// a message; Segment gets that as an event; and the event, fed back in, does not reach Customer.io again.

import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { handler as consumer } from '../../functions/consumer';
import { handler as forwarder } from '../../functions/forwarder';
import { handler as ingest } from '../../functions/ingest';
import { handler as webhook } from '../../functions/webhook';
import { type EventSource, startEventSource } from '../../infra/local/event-source';
import { LOCAL_ACCOUNT_ID } from '../../infra/local/queue-definitions';
import { type Sandbox, startSandbox } from '../../infra/local/sandbox/server';
import { type SegmentReceiver, startSegmentReceiver } from '../../infra/local/segment-receiver';
import { type SqsServer, startSqsServer } from '../../infra/local/sqs-server';
import { httpRequest } from '../support/http-request';
import { startServer, type TestServer } from '../support/http-server';
import { until } from '../support/until';

const REGION = 'us-east-1';
const SIGNING_KEY = 'signing-key';
const SEGMENT_KEY = 'segment-key';
const QUEUES = ['events', 'dead-letters', 'activity', 'activity-dead-letters'] as const;
type QueueName = (typeof QUEUES)[number];

let sqs: SqsServer;
let segment: SegmentReceiver;
let endpoint: TestServer;
let sandbox: Sandbox;
let sources: EventSource[];
/** What the consumer has finished. */
let consumed: SQSRecord[];
const problems: string[] = [];

beforeAll(async () => {
  sqs = await startSqsServer({ port: 0, region: REGION, queues: QUEUES.map(queueDefinition) });
  segment = await startSegmentReceiver({ writeKeys: [SEGMENT_KEY] });
  endpoint = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const event = toGatewayEvent(request.url ?? '', request.headers, Buffer.concat(chunks));
      const answer = await (request.url === '/v1/batch' ? ingest(event) : webhook(event, contextOf()));
      response.writeHead(answer.statusCode ?? 200, answer.headers as Record<string, string>).end(answer.body);
    });
  });
  const reportingWebhook = {
    endpoint: `${endpoint.url}/webhooks/customerio/shop`,
    signingKey: SIGNING_KEY,
    retryAfterMs: 10,
  };
  sandbox = await startSandbox({ reportingWebhook });
  useSettings([SIGNING_KEY]);
  consumed = [];
  sources = [
    connect('events', async (event) => {
      const answer = await consumer(event, contextOf());
      consumed.push(...event.Records);
      return answer;
    }),
    connect('activity', (event) => forwarder(event, contextOf())),
  ];
});

afterAll(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  await Promise.all([sandbox.close(), endpoint.close(), segment.close(), sqs.stop()]);
});

const arnOf = (name: QueueName): string => `arn:aws:sqs:${REGION}:${LOCAL_ACCOUNT_ID}:${name}`;

const queueDefinition = (name: QueueName) => ({ logicalId: name, name, arn: arnOf(name), attributes: {} });

const connect = (name: QueueName, invoke: (event: SQSEvent) => Promise<SQSBatchResponse>): EventSource =>
  startEventSource({
    sqs: sqs.client,
    queueUrl: sqs.queueUrl(name),
    queue: { arn: arnOf(name), region: REGION },
    batchSize: 1_000,
    batchingWindowSeconds: 0.05,
    maximumConcurrency: 1,
    reportsBatchItemFailures: true,
    onProblem: (problem) => problems.push(problem),
    invoke,
  });

const contextOf = (): Context => ({ getRemainingTimeInMillis: () => 60_000 }) as Context;

const useSettings = (webhookSigningKeys: readonly string[], activityTo: object = {}): void => {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    QUEUE_URL: sqs.queueUrl('events'),
    DEAD_LETTER_QUEUE_URL: sqs.queueUrl('dead-letters'),
    ACTIVITY_QUEUE_URL: sqs.queueUrl('activity'),
    ACTIVITY_DEAD_LETTER_QUEUE_URL: sqs.queueUrl('activity-dead-letters'),
    MAX_CONSUMERS: '1',
    SOURCES: JSON.stringify([
      {
        name: 'shop',
        writeKey: 'write-key',
        siteId: 'local',
        apiKey: 'local',
        trackUrl: sandbox.url,
        webhookSigningKeys,
        segmentWriteKey: SEGMENT_KEY,
        segmentUrl: segment.url,
        ...activityTo,
      },
    ]),
  });
};

const toGatewayEvent = (
  path: string,
  headers: NodeJS.Dict<string | string[]>,
  body: Buffer,
): APIGatewayProxyEventV2 => ({
  ...httpRequest({
    path,
    headers: headers as Record<string, string>,
    body: body.toString('base64'),
    isBase64Encoded: true,
  }),
  pathParameters: { source: path.split('/').at(-1) ?? '' },
});

/** As an SDK posts them. */
const post = async (batch: readonly object[]): Promise<unknown> => {
  const authorization = `Basic ${Buffer.from('write-key:').toString('base64')}`;
  const { body } = await ingest(httpRequest({ headers: { authorization }, body: JSON.stringify({ batch }) }));
  return JSON.parse(body ?? '');
};

const emit = async (emissions: readonly object[]): Promise<readonly string[]> => {
  const response = await fetch(`${sandbox.url}/sandbox/emit`, {
    method: 'POST',
    body: JSON.stringify(emissions),
  });
  return ((await response.json()) as { event_ids: string[] }).event_ids;
};

const webhookStatuses = async (): Promise<unknown> => {
  const response = await fetch(`${sandbox.url}/sandbox/webhooks`);
  const { webhooks } = (await response.json()) as { webhooks: { metric: string; status: number }[] };
  return webhooks.map(({ metric, status }) => [metric, status]);
};

const eventNames = (): unknown[] => segment.events().map(({ event }) => event);

const isEmpty = async (name: QueueName): Promise<boolean> => {
  const { Attributes: counts = {} } = await sqs.client.send(
    new GetQueueAttributesCommand({ QueueUrl: sqs.queueUrl(name), AttributeNames: ['All'] }),
  );
  return (
    Number(counts.ApproximateNumberOfMessages) + Number(counts.ApproximateNumberOfMessagesNotVisible) === 0
  );
};

it('What a person is sent because of an event comes back as Segment events, and goes no further', async () => {
  const timestamp = '2026-03-01T10:00:00.000Z';
  const signUp = [
    { type: 'identify', userId: 'u1', messageId: 'i-1', timestamp, traits: { email: 'jane@example.com' } },
    { type: 'track', userId: 'u1', messageId: 't-1', timestamp, event: 'Signed Up' },
  ];
  expect(await post(signUp)).toEqual({ success: true });
  await until(() => sandbox.workspace.counts.accepted === 2);

  const eventIds = await emit([{ metric: 'sent' }, { metric: 'opened' }, { metric: 'clicked' }]);
  await until(() => segment.events().length === 3);

  expect(eventNames()).toEqual(expect.arrayContaining(['Email Sent', 'Email Opened', 'Email Link Clicked']));
  for (const event of segment.events()) {
    expect(event).toMatchObject({
      type: 'track',
      userId: 'u1',
      messageId: expect.stringMatching(new RegExp(eventIds.join('|'))),
      context: { integration: { name: 'Customer.io' }, traits: { email: 'jane@example.com' } },
      integrations: { 'Customer.io': false },
    });
  }

  const fedBack = segment.events();
  expect(await post(fedBack)).toEqual({ success: true });
  await until(() => consumed.some(({ body }) => body.includes(eventIds[0] ?? 'none')));

  expect(sandbox.workspace.counts).toEqual({ accepted: 2, rejected: 0, duplicates: 0 });
  await until(async () => (await Promise.all(QUEUES.map(isEmpty))).every(Boolean));
  expect(problems).toEqual([]);
});

it('Activity may go to this relay itself, as to any endpoint like Segment’s, and ends there', async () => {
  const before = segment.events().length;
  useSettings([SIGNING_KEY], { segmentUrl: endpoint.url, segmentWriteKey: 'write-key' });

  const [eventId = 'none'] = await emit([{ metric: 'delivered', identifiers: { id: 'u3' } }]);
  await until(() => consumed.some(({ body }) => body.includes(eventId)));

  await until(async () => (await Promise.all(QUEUES.map(isEmpty))).every(Boolean));
  expect(sandbox.workspace.counts.accepted).toBe(2);
  expect(segment.events()).toHaveLength(before);
  expect(problems).toEqual([]);
});

it('While its signing key is not known a webhook is refused and holds back the others; then all arrive, once', async () => {
  const before = segment.events().length;
  useSettings(['another-key']);
  await emit([
    { metric: 'bounced', identifiers: { id: 'u2' } },
    { metric: 'unsubscribed', object_type: 'customer', identifiers: { id: 'u2' } },
  ]);
  await until(async () => JSON.stringify(await webhookStatuses()).includes('401'));
  const whileRefused = await webhookStatuses();

  useSettings(['another-key', SIGNING_KEY]);
  await until(() => segment.events().length === before + 2);

  expect((whileRefused as unknown[]).slice(0, 2)).toEqual([
    ['unsubscribed', 0],
    ['bounced', 401],
  ]);
  expect(eventNames()).toEqual(expect.arrayContaining(['Email Bounced', 'Customer Unsubscribed']));
  expect(sandbox.workspace.counts.accepted).toBe(2);
});
