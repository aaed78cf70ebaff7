// Reads a queue message: one event, an array of events, or `{"batch": [...]}`. What a message put by hand
// lacks (messageId, timestamp) is taken from the message itself, so that it is the same on every delivery.

import type { SQSRecord } from 'aws-lambda';
import { isObject, type JsonObject, type QueuedEvent } from '../segment/event';

/** Names of the message attributes this system writes and reads. */
export const ATTRIBUTES = {
  source: 'source',
  reason: 'reason',
  detail: 'detail',
  messageId: 'messageId',
  timestamp: 'timestamp',
  failedAt: 'failedAt',
} as const;

export interface Message {
  readonly sqsMessageId: string;
  readonly receiptHandle: string;
  /** How often SQS has handed it out, this time included. */
  readonly receiveCount: number;
  /** When it was put on the queue, in milliseconds since 1970. */
  readonly sentAtMs: number;
  /** The source it names; undefined means the first one. */
  readonly sourceName: string | undefined;
  readonly body: string;
  /** Stand-ins that a redriven dead letter brings along. */
  readonly messageId: string | undefined;
  readonly timestamp: string | undefined;
}

export const readMessage = (record: SQSRecord): Message => ({
  sqsMessageId: record.messageId,
  receiptHandle: record.receiptHandle,
  receiveCount: Number(record.attributes.ApproximateReceiveCount) || 1,
  sentAtMs: sentAtMs(record),
  sourceName: attribute(record, ATTRIBUTES.source),
  body: record.body,
  messageId: attribute(record, ATTRIBUTES.messageId),
  timestamp: attribute(record, ATTRIBUTES.timestamp),
});

/** The events of a message, the same at every call; undefined when its body is not JSON. */
export const readEvents = (message: Message): QueuedEvent[] | undefined => {
  let body: unknown;
  try {
    body = JSON.parse(message.body);
  } catch {
    return undefined;
  }
  const events = eventsIn(body);
  // A dead letter that was redriven keeps its attributes: with them it becomes the same operation again.
  const isAlone = events[0] === body;
  return events.map((raw, index) => ({
    raw,
    ...complete(raw, {
      messageId: (isAlone && message.messageId) || `${message.sqsMessageId}-${index}`,
      timestamp: (isAlone && message.timestamp) || new Date(message.sentAtMs).toISOString(),
    }),
  }));
};

const eventsIn = (body: unknown): readonly unknown[] => {
  if (Array.isArray(body)) return body;
  const batch = isObject(body) ? body['batch'] : undefined;
  return Array.isArray(batch) ? batch : [body];
};

interface StandIns {
  readonly messageId: string;
  readonly timestamp: string;
}

/** The event itself when it lacks nothing: no copy is made on the usual path. */
const complete = (raw: unknown, standIns: StandIns): Omit<QueuedEvent, 'raw'> => {
  if (!isObject(raw)) return { event: raw, messageId: standIns.messageId, timestampStandIn: undefined };
  const ownId = raw['messageId'];
  const hasId = typeof ownId === 'string' && ownId !== '';
  const messageId = hasId ? ownId : standIns.messageId;
  const timestampStandIn = hasTimestamp(raw) ? undefined : standIns.timestamp;
  if (hasId && timestampStandIn === undefined) return { event: raw, messageId, timestampStandIn };
  const timestamp = timestampStandIn ?? raw['timestamp'];
  return { event: { ...raw, messageId, timestamp }, messageId, timestampStandIn };
};

/** Whether the event says itself when it happened. */
const hasTimestamp = (event: JsonObject): boolean => {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
  return isGiven(event['timestamp']) || isGiven(event['originalTimestamp']);
};

const attribute = (record: SQSRecord, name: string): string | undefined =>
  record.messageAttributes[name]?.stringValue || undefined;

const sentAtMs = (record: SQSRecord): number => Number(record.attributes.SentTimestamp);
