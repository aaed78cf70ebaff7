// The ingest handler with settings and a queue that takes everything unless told otherwise.

import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler } from '../../functions/ingest';
import { sqs } from '../../lib/queue/client';
import { httpRequest, type RequestOptions } from './http-request';

export const WRITE_KEY = 'shop-write-key';
export const AUTHORIZED = { authorization: `Basic ${btoa(`${WRITE_KEY}:`)}` };

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/events';
const DEAD_LETTER_QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/dead-letters';

/** `first` is there so that a message without its source would show. */
const SOURCES = [
  { name: 'first', writeKey: 'first-write-key', siteId: 'site', apiKey: 'key' },
  { name: 'shop', writeKey: WRITE_KEY, siteId: 'site', apiKey: 'key' },
];

const OPTIONAL = ['ALLOWED_ORIGINS', 'BASE_PATH', 'PUBLIC_API_HOST', 'SERVE_ANALYTICS_JS'];

export const setIngestSettings = (extra: Readonly<Record<string, string>> = {}): void => {
  for (const name of OPTIONAL) delete process.env[name];
  Object.assign(process.env, {
    QUEUE_URL,
    DEAD_LETTER_QUEUE_URL,
    SOURCES: JSON.stringify(SOURCES),
    ...extra,
  });
};

export const sqsMock = mockClient(sqs);

const takeAll = ({ Entries }: { Entries: SendMessageBatchRequestEntry[] }) => ({
  Successful: Entries.map(({ Id }) => ({ Id })),
});

/** Forgets what was sent, and takes everything from here on. */
export const resetQueues = (): void => {
  sqsMock.reset();
  sqsMock.on(SendMessageBatchCommand).callsFake(takeAll);
};

/** SQS takes nothing of the first call, and everything after it. */
export const failFirstCall = (): void => {
  sqsMock.reset();
  sqsMock
    .on(SendMessageBatchCommand)
    .resolvesOnce({ Successful: [], Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] })
    .callsFake(takeAll);
};

/** The calls for that queue fail. */
export const refuseMessages = (queue: 'events' | 'dead-letters'): void => {
  const QueueUrl = queue === 'events' ? QUEUE_URL : DEAD_LETTER_QUEUE_URL;
  sqsMock.on(SendMessageBatchCommand, { QueueUrl }).rejects(new Error('The queue is away.'));
};

const entriesOf = (queueUrl: string): readonly SendMessageBatchRequestEntry[] =>
  sqsMock
    .commandCalls(SendMessageBatchCommand)
    .map(({ args }) => args[0].input)
    .filter(({ QueueUrl }) => QueueUrl === queueUrl)
    .flatMap(({ Entries }) => Entries ?? []);

const attributesOf = ({ MessageAttributes = {} }: SendMessageBatchRequestEntry) =>
  Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]));

export const queuedMessages = () =>
  entriesOf(QUEUE_URL).map((entry) => ({ body: entry.MessageBody ?? '', attributes: attributesOf(entry) }));

/** Every event on the queue, in order. */
export const queuedEvents = (): Record<string, unknown>[] =>
  queuedMessages().flatMap(({ body }) => JSON.parse(body).batch);

export const deadLetterTexts = () =>
  entriesOf(DEAD_LETTER_QUEUE_URL).map((entry) => ({
    body: entry.MessageBody ?? '',
    attributes: attributesOf(entry),
  }));

export const deadLetters = () =>
  entriesOf(DEAD_LETTER_QUEUE_URL).map((entry) => ({
    event: JSON.parse(entry.MessageBody ?? ''),
    attributes: attributesOf(entry),
  }));

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

export const ingest = async (request: APIGatewayProxyEventV2): Promise<Reply> =>
  (await handler(request)) as Reply;

/** An answer that has taken all of it. */
export const SUCCESS = { statusCode: 200, body: '{"success":true}' };

export const track = (changes: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Signed Up',
  messageId: 'm1',
  ...changes,
});

export const post = (path: string, body: unknown, options: RequestOptions = {}): Promise<Reply> =>
  ingest(httpRequest({ path, headers: AUTHORIZED, body: JSON.stringify(body), ...options }));

export const get = (path: string, options: RequestOptions = {}): Promise<Reply> =>
  ingest(httpRequest({ method: 'GET', path, ...options }));

/** When the tests of it take place. */
export const NOW = new Date('2026-11-24T06:00:00.000Z');

/** Before each test: empty queues, the settings as they are, and the clock at NOW. */
export const startAfresh = (): void => {
  setIngestSettings();
  resetQueues();
  jest.useFakeTimers({ now: NOW, doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'] });
};
