// The consumer and its queues under jest's fake clock: the real engine, a queue whose days pass in seconds, and
// whatever Customer.io is made to answer.

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
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
  private readonly sqs = new SQSClient({});
  private readonly mock = mockClient(SQSClient);
  private messages = 0;

  constructor({ sources = ['shop'], requestsPerSecond = 100, answer }: DeploymentOptions) {
    this.answer = answer;
    const settings = sources.map((name) => ({
      name,
      writeKey: name,
      siteId: name,
      apiKey: 'k',
      requestsPerSecond,
    }));
    this.sources = parseSources(JSON.stringify(settings));
    this.connectQueue();
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
    const running = relay(records, this.sources, customerIoConnector(1), {
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
    this.mock.resetHistory();
    const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId } of records) if (!kept.has(messageId)) this.queue.delete(messageId);
  }

  private connectQueue(): void {
    this.mock.on(ChangeMessageVisibilityBatchCommand).callsFake(({ Entries }) => {
      for (const { ReceiptHandle, VisibilityTimeout } of Entries) {
        this.queue.changeVisibility(idOf(ReceiptHandle), this.nowSeconds + VisibilityTimeout);
      }
      return { Successful: [] };
    });
    this.mock.on(DeleteMessageBatchCommand).callsFake(({ Entries }) => {
      for (const { ReceiptHandle } of Entries) this.queue.delete(idOf(ReceiptHandle));
      return { Successful: [] };
    });
    this.mock.on(SendMessageBatchCommand).callsFake(({ QueueUrl, Entries }) => {
      for (const entry of Entries) this.store(QueueUrl, entry);
      return { Successful: Entries.map(({ Id }: { Id: string }) => ({ Id })) };
    });
  }

  private store(queueUrl: string, { MessageBody: body, MessageAttributes, DelaySeconds }: SentEntry): void {
    const attributes = Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
    );
    if (queueUrl === DEAD_LETTER_QUEUE_URL) this.deadLetters.push({ body, reason: attributes['reason'] });
    else {
      this.messages += 1;
      const options = { attributes, delaySeconds: DelaySeconds ?? 0 };
      this.queue.send(`m${this.messages}`, body, this.nowSeconds, options);
    }
  }
}

interface SentEntry {
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly StringValue: string }>>;
  readonly DelaySeconds?: number;
}

const idOf = (receiptHandle: string): string => receiptHandle.slice('receipt-'.length);
