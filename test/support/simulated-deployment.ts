// The consumer, or the forwarder, and its queues under jest's fake clock: the real engine, a queue whose days pass in
// seconds, and whatever the destination is made to answer.

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Connector, HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import {
  FUNCTION_TIMEOUT_SECONDS,
  MAX_RECEIVE_COUNT,
  QUEUE_RETENTION_SECONDS,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../../lib/delivery/retry-policy';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { SimulatedQueue } from './simulated-queue';
import { parseSources } from './sources';

const QUEUE_URL = 'http://127.0.0.1/0/events';
const DEAD_LETTER_QUEUE_URL = 'http://127.0.0.1/0/dead';
/** What the event source hands to one invocation. */
const BATCH_SIZE = 1_000;

export interface StoredDeadLetter {
  readonly body: string;
  readonly reason: string | undefined;
}

export interface DeploymentOptions {
  /** Names of the sources; each has a workspace of its own, whose site id is its name. */
  readonly sources?: readonly string[];
  readonly requestsPerSecond?: number;
  /** Default that of Customer.io. */
  readonly connector?: Connector;
  readonly answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
}

export class SimulatedDeployment {
  readonly queue = new SimulatedQueue({
    visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
    maxReceiveCount: MAX_RECEIVE_COUNT,
    retentionSeconds: QUEUE_RETENTION_SECONDS,
  });
  readonly deadLetters: StoredDeadLetter[] = [];
  answer: DeploymentOptions['answer'];
  requests = 0;
  private readonly sources: ReturnType<typeof parseSources>;
  private readonly connector: Connector;
  private readonly sqs = new SQSClient({});
  private messages = 0;

  constructor({
    sources = ['shop'],
    requestsPerSecond = 100,
    connector = customerIoConnector(1),
    answer,
  }: DeploymentOptions) {
    this.connector = connector;
    this.answer = answer;
    const settings = sources.map((name) => ({
      name,
      writeKey: name,
      siteId: name,
      apiKey: 'k',
      segmentWriteKey: name,
      requestsPerSecond,
    }));
    this.sources = parseSources(JSON.stringify(settings));
    this.sqs.send = (async (command: object) => this.takeCall(command)) as SQSClient['send'];
  }

  get nowSeconds(): number {
    return Date.now() / 1_000;
  }

  /** One message, from the named source. */
  send(body: unknown, source = 'shop'): void {
    this.messages += 1;
    this.queue.send(`m${this.messages}`, body, this.nowSeconds, { attributes: { source } });
  }

  /** One invocation with what is visible now; the clock goes on by what it takes. */
  async invoke(random: () => number): Promise<void> {
    const records = this.queue.receive(this.nowSeconds, BATCH_SIZE);
    if (records.length === 0) return;
    const endsAtMs = Date.now() + FUNCTION_TIMEOUT_SECONDS * 1_000;
    const running = relay(records, this.sources, this.connector, {
      sqs: this.sqs,
      queueUrl: QUEUE_URL,
      deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
      remainingMs: () => endsAtMs - Date.now(),
      send: async (request) => {
        this.requests += 1;
        return this.answer(request);
      },
      random,
      now: () => new Date(),
    });
    await jest.runAllTimersAsync();
    const { batchItemFailures } = (await running).response;
    const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId } of records) if (!kept.has(messageId)) this.queue.delete(messageId);
  }

  /** Plainly: a mock that remembers each call of a simulated day takes longer than the day does. */
  private takeCall(command: object): object {
    if (command instanceof ChangeMessageVisibilityBatchCommand) return this.changeVisibility(command);
    if (command instanceof DeleteMessageBatchCommand) return this.delete(command);
    if (command instanceof SendMessageBatchCommand) return this.take(command);
    throw new Error(`No such queue: ${command.constructor.name}`);
  }

  private changeVisibility({ input: { Entries = [] } }: ChangeMessageVisibilityBatchCommand): object {
    for (const { ReceiptHandle: handle = '', VisibilityTimeout: seconds = 0 } of Entries) {
      this.queue.changeVisibility(idOf(handle), this.nowSeconds + seconds);
    }
    return { Successful: [] };
  }

  private delete({ input: { Entries = [] } }: DeleteMessageBatchCommand): object {
    for (const { ReceiptHandle: handle = '' } of Entries) this.queue.delete(idOf(handle));
    return { Successful: [] };
  }

  private take({ input: { QueueUrl: url = '', Entries = [] } }: SendMessageBatchCommand): object {
    for (const entry of Entries) this.store(url, entry);
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  }

  private store(queueUrl: string, entry: SendMessageBatchRequestEntry): void {
    const { MessageBody: body = '', MessageAttributes = {}, DelaySeconds: delaySeconds = 0 } = entry;
    const attributes = Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue: value = '' }]) => [name, value]),
    );
    if (queueUrl === DEAD_LETTER_QUEUE_URL) this.deadLetters.push({ body, reason: attributes['reason'] });
    else {
      this.messages += 1;
      this.queue.send(`m${this.messages}`, body, this.nowSeconds, { attributes, delaySeconds });
    }
  }
}

const idOf = (receiptHandle: string): string => receiptHandle.slice('receipt-'.length);
