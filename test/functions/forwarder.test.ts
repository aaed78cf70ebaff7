import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../functions/forwarder';
import { startServer, type TestServer } from '../support/http-server';
import { recordOf } from '../support/sqs-record';
import { QUEUE_URLS, storedBy, takeAll } from '../support/stored-webhooks';
import { sourceOf, webhookOf } from '../support/webhook-request';

interface SeenRequest {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly events: readonly Record<string, unknown>[];
}

const sqs = mockClient(SQSClient);
let segment: TestServer;
let requests: SeenRequest[];
let answer: { status: number; body: string };

beforeEach(async () => {
  requests = [];
  answer = { status: 200, body: '{"success":true}' };
  segment = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { batch } = JSON.parse(Buffer.concat(chunks).toString()) as { batch: Record<string, unknown>[] };
      requests.push({ url: request.url, authorization: request.headers.authorization, events: batch });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
  Object.assign(process.env, QUEUE_URLS, { MAX_CONSUMERS: '2' });
  useSource({ segmentUrl: segment.url, segmentWriteKey: 'segment-key' });
});
afterEach(() => segment.close());

const useSource = (over: object): void => {
  process.env['SOURCES'] = JSON.stringify([sourceOf(over)]);
};

const forward = async (...records: readonly SQSRecord[]): Promise<string[]> => {
  const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
  const { batchItemFailures } = await handler({ Records: [...records] }, context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

const activity = (over: object = {}) => ({
  type: 'track',
  event: 'Email Delivered',
  userId: '42',
  messageId: 'e-1',
  timestamp: '2021-02-11T17:04:49.000Z',
  properties: {},
  integrations: { 'Customer.io': false },
  ...over,
});
const shop = { source: 'shop' };

/** Queue and seconds of every message that was put back. */
const postponed = () =>
  sqs.commandCalls(ChangeMessageVisibilityBatchCommand).flatMap(({ args: [{ input }] }) =>
    (input.Entries ?? []).map(({ VisibilityTimeout }) => ({
      queue: input.QueueUrl,
      seconds: VisibilityTimeout,
    })),
  );

it('Activity reaches Segment in one batch, as the source of the write key, and is acknowledged', async () => {
  const events = [activity(), activity({ messageId: 'e-2', event: 'Email Opened' })];

  const kept = await forward(
    ...events.map((body, index) => recordOf({ messageId: `m${index}`, body, attributes: shop })),
  );

  expect(kept).toEqual([]);
  const authorization = `Basic ${Buffer.from('segment-key:').toString('base64')}`;
  expect(requests).toEqual([{ url: '/v1/batch', authorization, events }]);
});

it('A dead letter that was moved back to the queue is translated now, and forwarded', async () => {
  await forward(
    recordOf({ body: webhookOf(), attributes: { ...shop, messageId: 'e-1', reason: 'invalid_event' } }),
  );

  expect(requests[0]?.events).toEqual([
    expect.objectContaining({
      event: 'Email Delivered',
      userId: '42',
      integrations: { 'Customer.io': false },
    }),
  ]);
});

it('An event that Segment refuses goes to the dead-letter queue of activity, and never to that of events', async () => {
  answer = { status: 400, body: '{"success":false,"message":"malformed JSON"}' };

  const kept = await forward(recordOf({ body: activity(), attributes: shop }));

  expect(kept).toEqual([]);
  const { activity: queued, deadLetters } = storedBy(sqs);
  expect(queued).toEqual([]);
  expect(deadLetters.map(({ MessageBody }) => JSON.parse(MessageBody ?? ''))).toEqual([activity()]);
  expect(deadLetters[0]?.MessageAttributes).toMatchObject({
    reason: { StringValue: 'rejected_by_segment' },
    detail: { StringValue: 'HTTP 400: malformed JSON' },
    source: { StringValue: 'shop' },
  });
});

it('A write key that Segment does not know dead-letters nothing and waits for an operator', async () => {
  answer = { status: 400, body: '{"success":false,"message":"An invalid write key was provided"}' };

  const kept = await forward(recordOf({ body: activity(), attributes: shop }));

  expect(kept).toEqual(['m1']);
  expect(storedBy(sqs).deadLetters).toEqual([]);
  expect(postponed()).toEqual([{ queue: QUEUE_URLS.ACTIVITY_QUEUE_URL, seconds: expect.any(Number) }]);
  expect(postponed()[0]?.seconds).toBeGreaterThanOrEqual(450);
});

it('A source without a Segment write key keeps its activity on the queue', async () => {
  useSource({ segmentUrl: segment.url });

  const kept = await forward(recordOf({ body: activity(), attributes: shop }));

  expect(kept).toEqual(['m1']);
  expect(requests).toEqual([]);
  expect(postponed()[0]?.seconds).toBeGreaterThanOrEqual(450);
});

it('While Segment is away, activity stays on the queue', async () => {
  await segment.close();

  const kept = await forward(recordOf({ body: activity(), attributes: shop }));

  expect(kept).toEqual(['m1']);
  expect(storedBy(sqs).deadLetters).toEqual([]);
});

it('Activity of a source with several workspaces is forwarded once', async () => {
  const destinations = ['us', 'eu'].map((name) => ({ name, siteId: name, apiKey: 'k' }));
  process.env['SOURCES'] = JSON.stringify([
    { name: 'web', writeKey: 'w', segmentUrl: segment.url, segmentWriteKey: 'segment-key', destinations },
  ]);

  await expect(forward(recordOf({ body: activity() }))).resolves.toEqual([]);

  expect(requests.flatMap(({ events }) => events)).toHaveLength(1);
});
