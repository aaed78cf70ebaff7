// SQS on this machine: fauxqs in this process, its messages kept in SQLite, so that what was queued when the
// stack stopped is delivered after the next start. Queues are created and updated, never replaced: replacing one
// would delete its messages.

import { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ChangeMessageVisibilityCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { FauxqsServer, SpyMessage, SqsSpyMessage } from 'fauxqs';
import { isObject } from '../../lib/json/json-object';
import { isLoopbackHost } from '../console/server/guard';
import { HOST } from './addresses';
import { allowMessageMoves } from './message-moves';
import { LOCAL_ACCOUNT_ID, type QueueDefinition } from './queue-definitions';

export interface SqsServerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly region: string;
  readonly queues: readonly QueueDefinition[];
  /** Folder of the SQLite file; without it nothing outlives the process. */
  readonly dataDir?: string;
  /** Told of every message that is sent to a dead-letter queue. */
  readonly onDeadLetter?: (message: SentMessage) => void;
  /** Told of every message that is sent to a queue, those for dead letters too, before the sender is answered. */
  readonly onSent?: (message: SentMessage) => void;
}

export interface SentMessage {
  /** The queue's, as the template names it. */
  readonly queueLogicalId: string;
  readonly sqsMessageId: string;
  /** Milliseconds since 1970. */
  readonly sentAtMs: number;
  /** Its attributes of type String, by name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly body: string;
  attribute(name: string): string | undefined;
}

/** What is on a queue at this moment, or the part of it that is of one source. */
export interface QueueDepth {
  readonly waiting: number;
  readonly inFlight: number;
  /** When the oldest message was sent, in milliseconds since 1970; undefined when there is none. */
  readonly oldestAt: number | undefined;
}

export type PeekedMessage = Pick<SentMessage, 'sqsMessageId' | 'sentAtMs' | 'attributes' | 'body'>;

export interface SqsServer {
  readonly endpoint: string;
  /** Talks to this server and no other. */
  readonly client: SQSClient;
  queueUrl(name: string): string;
  /** All messages of a queue, those that somebody has received too; reading them changes nothing. */
  peek(name: string): PeekedMessage[];
  /** Under the empty text that of all messages, and under the name of each source that of its own. */
  now(name: string): ReadonlyMap<string, QueueDepth>;
  /** When a message that somebody has received is handed out again, in milliseconds since 1970. */
  visibleAt(name: string, sqsMessageId: string): number | undefined;
  /** Makes all received messages visible again, for when whoever received them has ended. */
  release(name: string): Promise<void>;
  stop(): Promise<void>;
}

export const startSqsServer = async (options: SqsServerOptions): Promise<SqsServer> => {
  const { port, region, dataDir } = options;
  const isWatched = options.onDeadLetter !== undefined || options.onSent !== undefined;
  // Not a static import: the package cannot be required, and osls loads this as CommonJS.
  const { startFauxqs } = await import('fauxqs');
  await allowEveryCharacter();
  await allowMessageMoves();
  const fauxqs = await onThisMachineAlone(() =>
    startFauxqs({
      port,
      defaultRegion: region,
      logger: false,
      messageSpies: isWatched,
      ...(dataDir && { dataDir }),
    }),
  );
  if (isWatched) {
    await watchLoadedQueues(fauxqs, options.queues);
    void watchSent(fauxqs.spy, options);
  }
  if (dataDir) allowVisibilityZero(dataDir);
  const endpoint = `http://${HOST}:${fauxqs.port}`;
  const client = new SQSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  // The SDK sends to the host inside the queue URL, whatever the endpoint setting says.
  const queueUrl = (name: string): string => `${endpoint}/${LOCAL_ACCOUNT_ID}/${name}`;
  const server = {
    endpoint,
    client,
    queueUrl,
    peek: (name: string) => peek(fauxqs, name),
    now: (name: string) => queueNow(fauxqs, name),
    visibleAt: (name: string, sqsMessageId: string) => visibleAt(fauxqs, name, sqsMessageId),
    release: (name: string) => release(fauxqs, client, { name, url: queueUrl(name) }),
    stop: () => stop(fauxqs, client),
  };
  for (const queue of options.queues) await ensureQueue(queue, fauxqs, server);
  return server;
};

/** fauxqs 2.4 listens on every network of the machine, has no option not to, and asks nobody who they are. */
const onThisMachineAlone = async <T>(start: () => Promise<T>): Promise<T> => {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...parameters: unknown[]) {
    const [options, ...rest] = parameters;
    const isOpen = isObject(options) && options['host'] === '0.0.0.0';
    if (isOpen) refuseOtherPages(this);
    return Reflect.apply(listen, this, [isOpen ? { ...options, host: HOST } : options, ...rest]);
  };
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
};

/**
 * A page whose name leads to this machine (DNS rebinding) could read and delete messages. Its browser names the page in
 * whatever it sends, but not where it only reads: there the Host tells. SDKs and commands name no page and only send,
 * whatever they call this machine.
 */
const refuseOtherPages = (server: Server): void => {
  const { emit } = server;
  server.emit = (name: string, ...given: unknown[]): boolean => {
    const [request, response] = given;
    const isRequest = request instanceof IncomingMessage && response instanceof ServerResponse;
    if (!isRequest || !isOfAnotherPage(request)) return Reflect.apply(emit, server, [name, ...given]);
    response.writeHead(403).end('refused: the request is of another page\n');
    return true;
  };
};

const isOfAnotherPage = ({ method, headers }: IncomingMessage): boolean => {
  const { host = '', origin } = headers;
  if (origin !== undefined) return !isLoopbackHost(origin.replace(/^https?:\/\//, ''));
  return method !== 'POST' && !isLoopbackHost(host);
};

/** Not among the package's exports. */
const FAUXQS_SQS = join(__dirname, '../../node_modules/fauxqs/dist/sqs');
/** The rule of SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const NOT_ALLOWED = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** fauxqs 2.4 refuses all beyond U+FFFF, every emoji for one: a sender would repeat such an event in vain. */
const allowEveryCharacter = async (): Promise<void> => {
  const { INVALID_MESSAGE_BODY_CHAR: check } = await import(
    pathToFileURL(join(FAUXQS_SQS, 'sqsTypes.js')).href
  );
  check.test = (text: string): boolean => NOT_ALLOWED.test(text);
};

const ensureQueue = async (
  queue: QueueDefinition,
  fauxqs: FauxqsServer,
  server: SqsServer,
): Promise<void> => {
  const { name, attributes } = queue;
  const { queues: [result] = [] } = fauxqs.setup({ queues: [{ name, attributes: { ...attributes } }] });
  if (result?.created) return;
  await server.client.send(
    new SetQueueAttributesCommand({ QueueUrl: server.queueUrl(name), Attributes: { ...attributes } }),
  );
  // Whoever held messages ended with the last stack.
  await server.release(name);
};

/** Nobody needs the rest of their visibility timeout. */
const release = async (
  fauxqs: FauxqsServer,
  client: SQSClient,
  { name, url }: { readonly name: string; readonly url: string },
): Promise<void> => {
  for (const { receiptHandle: ReceiptHandle } of fauxqs.inspectQueue(name)?.messages.inflight ?? []) {
    await client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  }
};

/**
 * fauxqs 2.4 stores no receive count when a message's visibility is set to 0, which its own schema forbids: the
 * call would fail and the message be gone until the next start.
 */
const allowVisibilityZero = (dataDir: string): void => {
  const database = new DatabaseSync(join(dataDir, 'fauxqs.db'));
  database.exec(`
    CREATE TRIGGER IF NOT EXISTS keep_receive_count BEFORE UPDATE ON sqs_messages
    WHEN NEW.approximate_receive_count IS NULL
    BEGIN
      UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL
        WHERE message_id = OLD.message_id;
      SELECT RAISE(IGNORE);
    END`);
  database.close();
};

/**
 * fauxqs 2.4 gives its spy to queues that are made, and to none that it finds in its database: from the second start
 * on it would see nothing. Its queues are reached by the one call that leads to them.
 */
const watchLoadedQueues = async (fauxqs: FauxqsServer, queues: SqsServerOptions['queues']): Promise<void> => {
  const { SqsStore } = await import(pathToFileURL(join(FAUXQS_SQS, 'sqsStore.js')).href);
  const { inspectQueue } = SqsStore.prototype;
  SqsStore.prototype.inspectQueue = function (name: string): void {
    const queue = this.getQueueByName(name);
    if (queue !== undefined) queue.spy = fauxqs.spy;
  };
  try {
    for (const { name } of queues) fauxqs.inspectQueue(name);
  } finally {
    SqsStore.prototype.inspectQueue = inspectQueue;
  }
};

/** The spy asks the predicate of each message as it is sent, and this one is never satisfied. */
const watchSent = (
  spy: FauxqsServer['spy'],
  { queues, onSent, onDeadLetter }: SqsServerOptions,
): Promise<unknown> => {
  const told = (message: SpyMessage): boolean => {
    if (message.service !== 'sqs') return false;
    const queue = queues.find(({ name }) => name === message.queueName);
    if (queue === undefined) return false;
    const sent = toSentMessage(message, queue.logicalId);
    onSent?.(sent);
    if (queue.logicalId.endsWith('DeadLetterQueue')) onDeadLetter?.(sent);
    return false;
  };
  // It ends with whoever waits.
  return spy.waitForMessage(told, 'published').catch(() => {});
};

const toSentMessage = (message: SqsSpyMessage, queueLogicalId: string): SentMessage => {
  const { messageId, body, messageAttributes, timestamp } = message;
  return {
    queueLogicalId,
    sqsMessageId: messageId,
    sentAtMs: timestamp,
    body,
    attributes: textsOf(messageAttributes),
    attribute: (name) => messageAttributes[name]?.StringValue,
  };
};

const textsOf = (attributes: SqsSpyMessage['messageAttributes']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { StringValue: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

const peek = (fauxqs: FauxqsServer, name: string): PeekedMessage[] => {
  const messages = fauxqs.inspectQueue(name)?.messages;
  const inFlight = messages?.inflight.map(({ message }) => message) ?? [];
  return [...(messages?.ready ?? []), ...inFlight].map(
    ({ messageId, sentTimestamp, body, messageAttributes }) => ({
      sqsMessageId: messageId,
      sentAtMs: sentTimestamp,
      attributes: textsOf(messageAttributes),
      body,
    }),
  );
};

interface Depth {
  waiting: number;
  inFlight: number;
  oldestAt: number | undefined;
}

const queueNow = (fauxqs: FauxqsServer, name: string): ReadonlyMap<string, QueueDepth> => {
  const depths = new Map<string, Depth>([['', { waiting: 0, inFlight: 0, oldestAt: undefined }]]);
  const messages = fauxqs.inspectQueue(name)?.messages;
  if (messages === undefined) return depths;
  const count = (message: QueuedMessage, where: 'waiting' | 'inFlight'): void => {
    const source = message.messageAttributes['source']?.StringValue;
    for (const key of source === undefined ? [''] : ['', source]) {
      const depth = depths.get(key) ?? { waiting: 0, inFlight: 0, oldestAt: undefined };
      depth[where] += 1;
      depth.oldestAt = Math.min(depth.oldestAt ?? Infinity, message.sentTimestamp);
      depths.set(key, depth);
    }
  };
  for (const message of [...messages.ready, ...messages.delayed]) count(message, 'waiting');
  for (const { message } of messages.inflight) count(message, 'inFlight');
  return depths;
};

type QueuedMessage = NonNullable<ReturnType<FauxqsServer['inspectQueue']>>['messages']['ready'][number];

const visibleAt = (fauxqs: FauxqsServer, name: string, sqsMessageId: string): number | undefined =>
  fauxqs.inspectQueue(name)?.messages.inflight.find(({ message }) => message.messageId === sqsMessageId)
    ?.visibilityDeadline;

const stop = async (fauxqs: FauxqsServer, client: SQSClient): Promise<void> => {
  client.destroy();
  await fauxqs.stop();
};
