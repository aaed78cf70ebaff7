// Puts messages on a queue. A message counts as sent only when SQS names it as taken: what a batch answer
// lists under `Failed`, or does not mention at all, is sent again and in the end reported.

import { SendMessageBatchCommand, type SendMessageBatchResult, type SQSClient } from '@aws-sdk/client-sqs';
import { codeOfError } from '../observability';
import { sleep } from '../sleep';
import { toBatch } from './batch';
import { callForEach } from './call-pool';
import { ATTRIBUTES } from './message';
import { attributeBytes, messageBytes, type OutgoingMessage, toMessageAttributes } from './outgoing-message';
import {
  BILLING_UNIT_BYTES,
  MAX_BATCH_ENTRIES,
  MAX_GROUP_ID_LENGTH,
  MAX_MESSAGE_BYTES,
  NOT_IN_A_GROUP_ID,
} from './sqs-limits';

/** Waits before entries that SQS did not take are sent again; half of each is chance. */
const RESEND_DELAYS_MS = [50, 150, 450];

export interface SendResult {
  /** Positions of the messages that SQS did not take. Empty when all are on the queue. */
  readonly notSent: readonly number[];
  /** SQS's or the SDK's code of the last failure, for the log. */
  readonly failure?: string | undefined;
}

const ALL_SENT: SendResult = { notSent: [] };

/**
 * Sends all messages. Never rejects: a failed call is told in the result.
 *
 * @param deadline gives up what SQS has not taken by then, for a caller with less time than the client takes.
 */
export const sendMessages = (
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly OutgoingMessage[],
  deadline?: AbortSignal,
): Promise<SendResult> => {
  const target = { sqs, queueUrl, deadline };
  const [only] = messages;
  // Most requests are one message, which needs no sizing.
  // Stryker disable next-line ConditionalExpression,EqualityOperator: sized, it is the same call
  if (only !== undefined && messages.length === 1) return sendBatch(target, [{ position: 0, message: only }]);
  return sendBatches(target, toBatches(messages));
};

interface SendTarget {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadline: AbortSignal | undefined;
}

const sendBatches = async (target: SendTarget, batches: readonly BatchEntry[][]): Promise<SendResult> =>
  combine(await callForEach(batches, (batch) => sendBatch(target, batch)));

interface BatchEntry {
  readonly position: number;
  readonly message: OutgoingMessage;
}

/** Fills each batch up to SQS's limits, in order. A message over the limit stands alone, for SQS to refuse. */
const toBatches = (messages: readonly OutgoingMessage[]): BatchEntry[][] => {
  const batches: BatchEntry[][] = [];
  let batch: BatchEntry[] = [];
  let bytes = 0;
  for (const [position, message] of messages.entries()) {
    const size = messageBytes(message);
    if (batch.length === 0 || batch.length === MAX_BATCH_ENTRIES || bytes + size > MAX_MESSAGE_BYTES) {
      batch = [];
      bytes = 0;
      batches.push(batch);
    }
    batch.push({ position, message });
    bytes += size;
  }
  return batches;
};

const sendBatch = async (target: SendTarget, batch: readonly BatchEntry[]): Promise<SendResult> => {
  let outcome = await sendOnce(target, batch);
  // Stryker disable next-line ConditionalExpression: spares what follows the lists, which would be empty
  if (outcome === ALL_TAKEN) return ALL_SENT;
  const refused = [...outcome.refused];
  let { failure } = outcome;
  for (const delayMs of RESEND_DELAYS_MS) {
    if (outcome.notTaken.length === 0 || outcome.isFinal) break;
    await sleep(delayMs * (0.5 + Math.random() / 2), target.deadline);
    outcome = await sendOnce(target, outcome.notTaken);
    refused.push(...outcome.refused);
    failure = outcome.failure ?? failure;
  }
  const notSent = [...refused, ...outcome.notTaken].map(({ position }) => position);
  return notSent.length === 0 ? ALL_SENT : { notSent, failure };
};

interface CallResult {
  /** What SQS will never take: the fault is in the message. */
  readonly refused: readonly BatchEntry[];
  readonly notTaken: readonly BatchEntry[];
  /** The SDK has spent its own attempts on the whole call; more would only keep the caller waiting. */
  readonly isFinal: boolean;
  readonly failure: string | undefined;
}

// Stryker disable next-line BooleanLiteral: nobody looks at what follows a call that took all
const ALL_TAKEN: CallResult = { refused: [], notTaken: [], isFinal: true, failure: undefined };

const sendOnce = async (
  { sqs, queueUrl, deadline }: SendTarget,
  entries: readonly BatchEntry[],
): Promise<CallResult> => {
  const Entries = entries.map(({ message }, index) => ({
    Id: String(index),
    MessageBody: message.body,
    MessageAttributes: toMessageAttributes(message.attributes),
    MessageGroupId: toGroupId(message.group ?? message.attributes[ATTRIBUTES.source]),
    ...(message.delaySeconds === undefined ? {} : { DelaySeconds: message.delaySeconds }),
  }));
  try {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    const answer = await sqs.send(command, deadline && { abortSignal: deadline });
    return readAnswer(answer, entries);
  } catch (error) {
    return { refused: [], notTaken: entries, isFinal: true, failure: codeOfError(error) };
  }
};

/**
 * The group id for SQS's fair queues: messages of one source that wait do not hold back the others, and the order
 * stays a standard queue's. The name of a configured source is a valid id as it is; a message put by hand may name
 * anything.
 */
const toGroupId = (source: string | undefined): string | undefined =>
  source?.slice(0, MAX_GROUP_ID_LENGTH).replace(NOT_IN_A_GROUP_ID, '_');

const readAnswer = (answer: SendMessageBatchResult, entries: readonly BatchEntry[]): CallResult => {
  // Ids are unique: as many taken as sent means all.
  if (answer.Successful?.length === entries.length) return ALL_TAKEN;
  const taken = new Set(answer.Successful?.map(({ Id }) => Id));
  const left = entries.filter((_, index) => !taken.has(String(index)));
  // Stryker disable next-line ArrayDeclaration: a text among them names no entry, and has no code
  const failed = answer.Failed ?? [];
  const refusedIds = new Set(failed.filter(({ SenderFault }) => SenderFault).map(({ Id }) => Id));
  const isRefused = (entry: BatchEntry): boolean => refusedIds.has(String(entries.indexOf(entry)));
  return {
    refused: left.filter(isRefused),
    notTaken: left.filter((entry) => !isRefused(entry)),
    isFinal: false,
    failure: failed.at(-1)?.Code ?? 'NotInAnswer',
  };
};

const combine = (results: readonly SendResult[]): SendResult => {
  const notSent = results.flatMap((result) => result.notSent);
  const failed = results.find(({ failure }) => failure !== undefined);
  return failed === undefined ? ALL_SENT : { notSent, failure: failed.failure };
};

/**
 * Packs serialised events, in order, into as few messages as fit `maxBytes`. An event that does not fit it stands
 * alone.
 *
 * @param shared what each message says of all its events, as `toBatch` takes it.
 * @param maxBytes of a message; SQS bills each begun unit.
 */
export const packEvents = (
  events: readonly string[],
  attributes: OutgoingMessage['attributes'],
  shared = '',
  maxBytes = BILLING_UNIT_BYTES,
): PackedMessage[] => {
  // Most requests are one event, which needs no sizing.
  // Stryker disable next-line ConditionalExpression: sized, it is the same message
  if (events.length === 1) return [{ body: toBatch(events, shared), attributes, eventCount: 1 }];
  const emptyBytes =
    attributeBytes(attributes) + ENVELOPE_BYTES + Buffer.byteLength(shared) - SEPARATOR_BYTES;
  const messages: PackedMessage[] = [];
  let start = 0;
  let bytes = emptyBytes;
  const close = (end: number): void => {
    const body = toBatch(events.slice(start, end), shared);
    messages.push({ body, attributes, bytes, eventCount: end - start });
    start = end;
    bytes = emptyBytes;
  };
  for (let position = 0; position < events.length; position += 1) {
    const size = Buffer.byteLength(events[position] ?? '') + SEPARATOR_BYTES;
    if (position > start && bytes + size > maxBytes) close(position);
    bytes += size;
  }
  if (events.length > start) close(events.length);
  return messages;
};

export interface PackedMessage extends OutgoingMessage {
  /** How many of the events, in their order, it holds. */
  readonly eventCount: number;
}

/** The comma before an event; the first has none. */
const SEPARATOR_BYTES = 1;
const ENVELOPE_BYTES = Buffer.byteLength(toBatch([]));
