// Reads a queue message: one event, an array of events, or `{"batch": [...]}`. What a message put by hand
// lacks (messageId, timestamp) is taken from the message itself, so that it is the same on every delivery.

import type { SQSRecord } from 'aws-lambda';
import { isObject, type JsonObject } from '../json/json-object';

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

/** One event taken from a queue message. */
export interface QueuedEvent {
  /** The event exactly as it came; a dead letter carries this, so that redriving it replays it. */
  readonly raw: unknown;
  /** Its text, when it stands alone in its message: parsed and written again, a number may lose digits. */
  readonly text: string | undefined;
  /** The same with `messageId` and `timestamp` filled in where a message put by hand lacks them. */
  readonly event: unknown;
  /** The event's own messageId, else `<sqsMessageId>-<index>`: stable over redelivery. */
  readonly messageId: string;
  /** The ISO time filled in for an event that has none of its own. */
  readonly timestampStandIn: string | undefined;
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
  const alone = events[0] === body ? message : undefined;
  return events.map((raw, index) => complete(raw, index, message, alone));
};

const eventsIn = (body: unknown): readonly unknown[] => {
  if (Array.isArray(body)) return body;
  const batch = isObject(body) ? body['batch'] : undefined;
  return Array.isArray(batch) ? batch : [body];
};

/** The event itself when it lacks nothing: no copy is made on the usual path. */
const complete = (raw: unknown, index: number, message: Message, alone: Message | undefined): QueuedEvent => {
  const fields = isObject(raw) ? raw : undefined;
  const ownId = fields?.['messageId'];
  const hasId = typeof ownId === 'string' && ownId !== '';
  const messageId = hasId ? ownId : (alone?.messageId ?? `${message.sqsMessageId}-${index}`);
  const text = alone?.body;
  if (fields === undefined) return { raw, text, event: raw, messageId, timestampStandIn: undefined };
  const timestampStandIn = hasTimestamp(fields) ? undefined : (alone?.timestamp ?? sentAt(message));
  if (hasId && timestampStandIn === undefined) return { raw, text, event: raw, messageId, timestampStandIn };
  const timestamp = timestampStandIn ?? fields['timestamp'];
  return { raw, text, event: { ...fields, messageId, timestamp }, messageId, timestampStandIn };
};

const sentAt = ({ sentAtMs }: Message): string => new Date(sentAtMs).toISOString();

/** Whether the event says itself when it happened. */
const hasTimestamp = (event: JsonObject): boolean => {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
  return isGiven(event['timestamp']) || isGiven(event['originalTimestamp']);
};

const attribute = (record: SQSRecord, name: string): string | undefined =>
  record.messageAttributes[name]?.stringValue || undefined;

const sentAtMs = (record: SQSRecord): number => Number(record.attributes.SentTimestamp);
