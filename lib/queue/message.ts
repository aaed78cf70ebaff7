// Reads a queue message: one event, an array of events, or `{"batch": [...]}`. What a message put by hand
// lacks (messageId, timestamp) is taken from the message itself, so that it is the same on every delivery.

import type { SQSRecord } from 'aws-lambda';
import { correctTime, type EventTime } from '../event/event-time';
import { formatTime } from '../event/format-time';
import { messageIdOf } from '../event/message-id';
import { parseTime } from '../event/parse-time';
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
  /** The ISO time of arrival, where it stands for the event's own: missing, unreadable or in the future. */
  readonly timestampStandIn: string | undefined;
  /** The event gave a time that could not be read. */
  readonly isTimestampReplaced: boolean;
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

/**
 * The event itself when it lacks nothing: no copy is made on the usual path. What is filled in is the same on every
 * delivery, and after a redrive as well, because a dead letter brings its stand-ins along.
 */
const complete = (raw: unknown, index: number, message: Message, alone: Message | undefined): QueuedEvent => {
  const text = alone?.body;
  const ownId = isObject(raw) ? messageIdOf(raw) : undefined;
  const messageId = ownId ?? alone?.messageId ?? `${message.sqsMessageId}-${index}`;
  if (!isObject(raw)) {
    return { raw, text, event: raw, messageId, timestampStandIn: undefined, isTimestampReplaced: false };
  }
  const arrivedAtMs = parseTime(alone?.timestamp) ?? message.sentAtMs;
  const time = correctTime(raw, { receivedAtMs: arrivedAtMs });
  const isWhole = raw['messageId'] === messageId && saysItself(raw, time);
  const event = isWhole ? raw : { ...raw, messageId, ...timesOf(time, raw) };
  const timestampStandIn = time.timestampMs === arrivedAtMs ? formatTime(arrivedAtMs) : undefined;
  return { raw, text, event, messageId, timestampStandIn, isTimestampReplaced: time.isReplaced };
};

/** Whether the times that the mapping reads are those that the event has. */
const saysItself = (raw: JsonObject, { timestampMs, originalTimestamp }: EventTime): boolean =>
  parseTime(raw['timestamp']) === timestampMs &&
  (raw['originalTimestamp'] === undefined || raw['originalTimestamp'] === originalTimestamp);

/** `originalTimestamp` is a part of the ULID: it must not move when `timestamp` is another one than was given. */
const timesOf = (time: EventTime, raw: JsonObject) => {
  if (saysItself(raw, time)) return {};
  const timestamp = formatTime(time.timestampMs);
  const { originalTimestamp } = time;
  return originalTimestamp === undefined ? { timestamp } : { timestamp, originalTimestamp };
};

const attribute = (record: SQSRecord, name: string): string | undefined =>
  record.messageAttributes[name]?.stringValue || undefined;

const sentAtMs = (record: SQSRecord): number => Number(record.attributes.SentTimestamp);
