// A stand-in for Lambda's SQS event source mapping: it collects batches, invokes the function, and deletes what
// succeeded. A message is deleted only after the answer said so, and the visibility of a failed one is never touched.

import { setTimeout as delay } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { readBatchResponse } from './batch-response';
import { type QueueIdentity, toRecord } from './sqs-event';

/** What serverless.yml says of the `sqs` event. */
export interface EventSourceSettings {
  /** Most messages in one invocation. */
  readonly batchSize: number;
  /** How long a batch may wait for more messages, from its first one. */
  readonly batchingWindowSeconds: number;
  /** Most invocations at once. */
  readonly maximumConcurrency: number;
  /** Whether the function may answer with `batchItemFailures`; otherwise its answer is ignored. */
  readonly reportsBatchItemFailures: boolean;
}

export interface EventSourceOptions extends EventSourceSettings {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queue: QueueIdentity;
  /** Runs the function and returns its answer, parsed; rejects when the function failed. */
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
  /** Told, in words, whatever made a batch or a call to SQS fail. */
  readonly onProblem: (problem: string) => void;
}

export interface EventSource {
  /** Receives nothing more; resolves once every batch already received is invoked and settled. */
  stop(): Promise<void>;
}

interface ReceivedRecord {
  readonly record: SQSRecord;
  /** UTF-8 bytes of its JSON. */
  readonly bytes: number;
}

/** Lambda's limit for the payload of one invocation. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
const EMPTY_PAYLOAD_BYTES = '{"Records":[]}'.length;
/** SQS's own limit, for receiving and deleting alike. */
const MAX_MESSAGES_PER_CALL = 10;
/** Lambda waits 20 s; one second costs nothing here and lets `stop` be quick without dropping an open receive. */
const LONG_POLL_SECONDS = 1;
const WINDOW_POLL_MS = 50;
const PAUSE_AFTER_ERROR_MS = 1_000;

/** Starts `maximumConcurrency` pollers. */
export const startEventSource = (options: EventSourceOptions): EventSource => {
  const stopping = new AbortController();
  const pollers = Array.from({ length: options.maximumConcurrency }, () => poll(options, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(pollers);
    },
  };
};

const poll = async (source: EventSourceOptions, stopping: AbortSignal): Promise<void> => {
  let received: ReceivedRecord[] = [];
  while (!stopping.aborted || received.length > 0) {
    await fill(received, source, stopping);
    const { batch, rest } = takeBatch(received, source.batchSize);
    if (batch.length > 0) await runBatch(batch, source);
    received = rest;
  }
};

/** Receives until the batch is full, its window has passed, or the source stops. */
const fill = async (
  received: ReceivedRecord[],
  source: EventSourceOptions,
  stopping: AbortSignal,
): Promise<void> => {
  if (received.length === 0) received.push(...(await receive(source, source.batchSize, LONG_POLL_SECONDS)));
  const deadline = Date.now() + source.batchingWindowSeconds * 1_000;
  while (mayGrow(received, source.batchSize) && !stopping.aborted && Date.now() < deadline) {
    const more = await receive(source, source.batchSize - received.length, 0);
    received.push(...more);
    if (more.length === 0) await delay(WINDOW_POLL_MS);
  }
};

const mayGrow = (received: readonly ReceivedRecord[], batchSize: number): boolean =>
  received.length > 0 && received.length < batchSize && takeBatch(received, batchSize).rest.length === 0;

/** The longest run from the front that one invocation may carry. */
const takeBatch = (
  received: readonly ReceivedRecord[],
  batchSize: number,
): { batch: SQSRecord[]; rest: ReceivedRecord[] } => {
  let payloadBytes = EMPTY_PAYLOAD_BYTES;
  const tooMany = received.findIndex(({ bytes }, index) => {
    payloadBytes += bytes + 1;
    return index >= batchSize || (index > 0 && payloadBytes > MAX_PAYLOAD_BYTES);
  });
  const end = tooMany === -1 ? received.length : tooMany;
  return { batch: received.slice(0, end).map(({ record }) => record), rest: received.slice(end) };
};

const receive = async (
  source: EventSourceOptions,
  wanted: number,
  waitSeconds: number,
): Promise<ReceivedRecord[]> => {
  const request = new ReceiveMessageCommand({
    QueueUrl: source.queueUrl,
    MaxNumberOfMessages: Math.min(wanted, MAX_MESSAGES_PER_CALL),
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  try {
    const { Messages: messages = [] } = await source.sqs.send(request);
    return messages.map((message) => measured(toRecord(message, source.queue)));
  } catch (error) {
    source.onProblem(`Receiving messages failed: ${describe(error)}`);
    await delay(PAUSE_AFTER_ERROR_MS);
    return [];
  }
};

const measured = (record: SQSRecord): ReceivedRecord => ({
  record,
  bytes: Buffer.byteLength(JSON.stringify(record)),
});

const runBatch = async (batch: readonly SQSRecord[], source: EventSourceOptions): Promise<void> => {
  try {
    const answer = await source.invoke({ Records: [...batch] });
    await deleteAll(succeeded(batch, answer, source), source);
  } catch (error) {
    source.onProblem(`A batch of ${batch.length} message(s) failed and will come again: ${describe(error)}`);
  }
};

const succeeded = (
  batch: readonly SQSRecord[],
  answer: unknown,
  source: EventSourceOptions,
): readonly SQSRecord[] => {
  if (!source.reportsBatchItemFailures) return batch;
  const response = readBatchResponse(answer, new Set(batch.map(({ messageId }) => messageId)));
  if (!response.valid) throw new Error(response.problem);
  return batch.filter(({ messageId }) => !response.failedIds.has(messageId));
};

const deleteAll = async (records: readonly SQSRecord[], source: EventSourceOptions): Promise<void> => {
  for (let start = 0; start < records.length; start += MAX_MESSAGES_PER_CALL) {
    const chunk = records.slice(start, start + MAX_MESSAGES_PER_CALL);
    const { Failed: failed = [] } = await source.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: source.queueUrl,
        Entries: chunk.map(({ receiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle: receiptHandle })),
      }),
    );
    if (failed.length > 0)
      source.onProblem(`${failed.length} message(s) could not be deleted and will come again.`);
  }
};

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
