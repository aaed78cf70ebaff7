// An invocation of the consumer under fake timers: real engine, what SQS was told, and an answer of Customer.io's
// at the edge.

import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import type { Connector, HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { response } from './destination';
import { parseSources } from './sources';

export const sqsMock = mockClient(SQSClient);
const QUEUE_URL = 'http://127.0.0.1/0/events';
export const DEAD_LETTER_QUEUE_URL = 'http://127.0.0.1/0/dead';
export const FAILED_AT = new Date('2026-03-01T11:00:00.000Z');
const SOURCES = parseSources(
  JSON.stringify([
    { name: 'shop', writeKey: 'w1', siteId: 'shop-site', apiKey: 'k', requestsPerSecond: 1_000 },
    { name: 'blog', writeKey: 'w2', siteId: 'blog-site', apiKey: 'k', requestsPerSecond: 1_000 },
  ]),
);

export type Answer = (request: HttpRequest) => HttpAnswer;

export const run = async (
  records: readonly SQSRecord[],
  answer: Answer = () => response(200),
  connector: Connector = customerIoConnector(1),
  remainingMs: () => number = () => 60_000,
) => {
  const running = relay(records, SOURCES, connector, {
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

export const deadLetters = () =>
  sqsMock.commandCalls(SendMessageBatchCommand).flatMap(({ args }) => {
    const { QueueUrl, Entries = [] } = args[0].input;
    return Entries.map(({ MessageBody, MessageAttributes = {} }) => ({
      queue: QueueUrl,
      body: MessageBody,
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

const takeAll = (input: { Entries?: { Id?: string }[] }) => ({
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
