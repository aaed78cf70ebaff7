// Reads a queue message: one event, an array of events, or `{"batch": [...]}`, in an envelope of SNS or EventBridge
// too. What a message put by hand lacks (messageId, timestamp) is taken from the message itself, so that it is the
// same on every delivery.

import type { SQSRecord } from 'aws-lambda';
import type { Reason } from '../errors';
import { clientTime, correctTime, type EventTime } from '../event/event-time';
import type { Fault } from '../event/fault';
import { typeOf } from '../event/find-fault';
import { formatTime } from '../event/format-time';
import { messageIdOf } from '../event/message-id';
import { parseTime } from '../event/parse-time';
import { isObject, type JsonObject } from '../json/json-object';
import { batchIn, textsInBatch } from './batch';
import { type History, readHistory } from './history';
import { openWrapping, type Wrapping } from './wrapping';

/** Names of the message attributes this system writes and reads. */
export const ATTRIBUTES = {
  source: 'source',
  workspace: 'workspace',
  reason: 'reason',
  detail: 'detail',
  messageId: 'messageId',
  timestamp: 'timestamp',
  failedAt: 'failedAt',
} as const;

export interface Message {
  readonly sqsMessageId: string;
  readonly receiptHandle: string;
  /** When it was put on the queue, in milliseconds since 1970. */
  readonly sentAtMs: number;
  /** How often and since when its events were tried: they may have been put back from an earlier message. */
  readonly history: History;
  /** The source it names; undefined means the first one. */
  readonly sourceName: string | undefined;
  /** The one destination of its source that it is for; undefined means all of them. */
  readonly workspaceName: string | undefined;
  readonly body: string;
  /** Where its events are: the body, or what is in the envelope of SNS or EventBridge. */
  readonly content: string;
  /** Set when it was moved back from a dead-letter queue: what was given up, one event or a whole message. */
  readonly redriven: 'event' | 'message' | undefined;
  /** Stand-ins that one event brings along, as a redriven dead letter does. */
  readonly messageId: string | undefined;
  readonly timestamp: string | undefined;
  /** `<this>-<index>` stands in for the messageId of any other event. */
  readonly idBase: string;
  /** Stands in for the time of any other event, in milliseconds since 1970. */
  readonly putAtMs: number;
}

/** One event taken from a queue message. */
export interface QueuedEvent {
  /** The event exactly as it came. */
  readonly raw: unknown;
  /** Its text where it stands alone in its message; `readTexts` has that of any. */
  readonly text: string | undefined;
  /** The event with `type`, `messageId` and `timestamp` filled in where a message put by hand lacks them. */
  readonly event: unknown;
  /** The event's own messageId, else `<sqsMessageId>-<index>`: stable over redelivery. */
  readonly messageId: string;
  /** The ISO time of arrival, where it stands for the event's own: missing, unreadable or in the future. */
  readonly timestampStandIn: string | undefined;
  /** The event gave a time that could not be read. */
  readonly isTimestampReplaced: boolean;
  /** Set when this stands for the whole message, because its events cannot be taken. */
  readonly fault: Fault | undefined;
}

/**
 * A message with more events than this is not taken apart. No real message holds so many, and each event that fails
 * would become a message of its own.
 */
export const MAX_MESSAGE_EVENTS = 10_000;

/** Reasons of dead letters that are a whole message. */
const WHOLE_MESSAGE: ReadonlySet<string> = new Set<Reason>(['invalid_json', 'too_many_events']);

export const readMessage = (record: SQSRecord): Message => {
  const redriven = redrivenOf(record);
  const { body, messageId: sqsMessageId } = record;
  const wrapping = redriven === 'event' ? undefined : openWrapping(body);
  return {
    sqsMessageId,
    receiptHandle: record.receiptHandle,
    sentAtMs: sentAtMs(record),
    history: readHistory((name) => attribute(record, name), {
      receives: Number(record.attributes.ApproximateReceiveCount) || 1,
      firstSentAtMs: sentAtMs(record),
      isCulprit: false,
    }),
    sourceName: attribute(record, ATTRIBUTES.source) ?? wrapping?.sourceName,
    workspaceName: attribute(record, ATTRIBUTES.workspace),
    body,
    content: wrapping?.content ?? body,
    redriven,
    ...standIns(record, redriven, wrapping),
  };
};

/**
 * What stands in for what the events lack. Of a redriven message the dead letter's attributes hold for all of its
 * events, so that every redrive gives them the same ids and times.
 */
const standIns = (record: SQSRecord, redriven: Message['redriven'], wrapping: Wrapping | undefined) => {
  const messageId = attribute(record, ATTRIBUTES.messageId);
  const timestamp = attribute(record, ATTRIBUTES.timestamp);
  const { idBase, time } =
    redriven === 'message'
      ? { idBase: messageId, time: timestamp }
      : { idBase: wrapping?.id, time: wrapping?.time };
  const sentMs = sentAtMs(record);
  return {
    messageId: redriven === 'message' ? undefined : messageId,
    timestamp: redriven === 'message' ? undefined : timestamp,
    idBase: idBase ?? record.messageId,
    // A producer may give an event of EventBridge any time.
    putAtMs: Math.min(parseTime(time) ?? sentMs, sentMs),
  };
};

/** Every dead letter has these three attributes; a message of anybody else hardly ever has them. */
const redrivenOf = (record: SQSRecord): Message['redriven'] => {
  const reason = attribute(record, ATTRIBUTES.reason);
  if (reason === undefined || attribute(record, ATTRIBUTES.failedAt) === undefined) return undefined;
  if (attribute(record, ATTRIBUTES.messageId) === undefined) return undefined;
  return WHOLE_MESSAGE.has(reason) ? 'message' : 'event';
};

/** The events of a message, the same at every call. One whose events cannot be taken is a single one with a fault. */
export const readEvents = (message: Message): QueuedEvent[] => {
  let content: unknown;
  try {
    content = JSON.parse(message.content);
  } catch {
    return [withFault(message, NOT_JSON)];
  }
  const batch = message.redriven === 'event' ? undefined : batchIn(content);
  if (batch === undefined) return [complete(content, 0, message, message)];
  if (batch.length > MAX_MESSAGE_EVENTS) return [withFault(message, tooManyEvents(batch.length))];
  return batch.map((raw, index) => complete(raw, index, message, undefined));
};

/** The texts of events that `readEvents` has answered, byte for byte. It costs: only for what is stored once more. */
export const readTexts = (message: Message, events: readonly QueuedEvent[]): readonly string[] => {
  const alone = events[0]?.text;
  return alone === undefined ? textsInBatch(message.content) : [alone];
};

const NOT_JSON: Fault = { reason: 'invalid_json', detail: 'the message body is not JSON' };

const tooManyEvents = (count: number): Fault => ({
  reason: 'too_many_events',
  detail: `the message has ${count} events; at most ${MAX_MESSAGE_EVENTS} are taken from one`,
});

const NO_TIME = { timestampStandIn: undefined, isTimestampReplaced: false, fault: undefined };

const withFault = ({ body, idBase }: Message, fault: Fault): QueuedEvent => ({
  raw: body,
  text: body,
  event: body,
  messageId: idBase,
  ...NO_TIME,
  fault,
});

/**
 * The event itself when it lacks nothing: no copy is made on the usual path. What is filled in is the same on every
 * delivery, and after a redrive as well, because a dead letter brings its stand-ins along.
 */
const complete = (raw: unknown, index: number, message: Message, alone: Message | undefined): QueuedEvent => {
  const text = alone?.content;
  const ownId = isObject(raw) ? messageIdOf(raw) : undefined;
  const messageId = ownId ?? alone?.messageId ?? `${message.idBase}-${index}`;
  if (!isObject(raw)) return { raw, text, event: raw, messageId, ...NO_TIME };
  const arrivedAtMs = parseTime(alone?.timestamp) ?? arrivalOf(raw, message);
  const time = correctTime(raw, { receivedAtMs: arrivedAtMs });
  const type = typeOf(raw, undefined) ?? raw['type'];
  const isWhole = raw['type'] === type && raw['messageId'] === messageId && saysItself(raw, time);
  const event = isWhole ? raw : { ...raw, type, messageId, ...timesOf(time, raw) };
  const timestampStandIn = time.timestampMs === arrivedAtMs ? formatTime(arrivedAtMs) : undefined;
  return {
    raw,
    text,
    event,
    messageId,
    timestampStandIn,
    isTimestampReplaced: time.isReplaced,
    fault: undefined,
  };
};

/** A service that wrapped the message knows when it was put; only SQS's own clock may judge the time of an event. */
const arrivalOf = (raw: JsonObject, { putAtMs, sentAtMs: sentMs }: Message): number =>
  putAtMs !== sentMs && clientTime(raw) === undefined ? putAtMs : sentMs;

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
