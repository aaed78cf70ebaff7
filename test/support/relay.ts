// An invocation of the consumer under fake timers: real engine, what SQS was told, and an answer of Customer.io's
// at the edge.

import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { Source } from '../../lib/config/source';
import type { Connector, HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { response } from './destination';
import { parseSources } from './sources';

export const sqsMock = mockClient(SQSClient);
export const QUEUE_URL = 'http://127.0.0.1/0/events';
export const DEAD_LETTER_QUEUE_URL = 'http://127.0.0.1/0/dead';
export const FAILED_AT = new Date('2026-03-01T11:00:00.000Z');
const SOURCES = parseSources(
  JSON.stringify([
    { name: 'shop', writeKey: 'w1', siteId: 'shop-site', apiKey: 'k', requestsPerSecond: 1_000 },
    { name: 'blog', writeKey: 'w2', siteId: 'blog-site', apiKey: 'k', requestsPerSecond: 1_000 },
  ]),
);

export type Answer = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

export const run = async (
  records: readonly SQSRecord[],
  answer: Answer = () => response(200),
  connector: Connector = customerIoConnector(1),
  remainingMs: () => number = countdown(),
  sources: readonly Source[] = SOURCES,
) => {
  const running = relay(records, sources, connector, {
    sqs: new SQSClient({}),
    queueUrl: QUEUE_URL,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    remainingMs,
    send: async (request) => answer(request),
    random: () => 1,
    now: () => FAILED_AT,
  });
  await jest.runAllTimersAsync();
  const { response: lambdaResponse, events, reports } = await running;
  const kept = lambdaResponse.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return { kept, events, reports, outcomes: events.map(({ outcome }) => outcome?.kind) };
};

/** What is left of an invocation that begins now. */
const countdown = (): (() => number) => {
  const endsAt = Date.now() + 60_000;
  return () => endsAt - Date.now();
};

export const deadLetters = () =>
  sent(DEAD_LETTER_QUEUE_URL).map(({ delaySeconds: _, ...deadLetter }) => deadLetter);

/** What went back to the queue as messages of their own. */
export const putBack = () => sent(QUEUE_URL);

const sent = (queueUrl: string) =>
  sqsMock.commandCalls(SendMessageBatchCommand).flatMap(({ args }) => {
    const { QueueUrl, Entries = [] } = args[0].input;
    if (QueueUrl !== queueUrl) return [];
    return Entries.map(({ MessageBody, MessageAttributes = {}, DelaySeconds }) => ({
      queue: QueueUrl,
      body: MessageBody,
      delaySeconds: DelaySeconds,
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue]),
      ),
    }));
  });

export const visibility = () =>
  sqsMock
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap(({ args }) =>
      (args[0].input.Entries ?? []).map(({ ReceiptHandle, VisibilityTimeout }) => [
        ReceiptHandle,
        VisibilityTimeout,
      ]),
    );

export const takeAll = (input: { Entries?: { Id?: string }[] }) => ({
  Successful: (input.Entries ?? []).map(({ Id }) => ({ Id })),
});

/** Forgets what was sent, and takes everything from here on. */
export const resetSqs = (): void => {
  sqsMock.reset();
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
  sqsMock.on(SendMessageBatchCommand).callsFake(takeAll);
};

export const track = (fields: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Ordered',
  messageId: 'a',
  ...fields,
});
