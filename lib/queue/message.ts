// Reads a queue message: one event, an array of events, or `{"batch": [...]}`, in an envelope of SNS or EventBridge
// too. What a message put by hand lacks (messageId, timestamp) is taken from the message itself, so that it is the
// same on every delivery.

import type { SQSRecord } from 'aws-lambda';
import type { Reason } from '../errors';
import {
  clientTime,
  correctTime,
  type EventTime,
  receivedByServerMs,
  type TimeOfArrival,
} from '../event/event-time';
import type { Fault } from '../event/fault';
import { typeOf } from '../event/find-fault';
import { formatTime } from '../event/format-time';
import type { OwnNames } from '../event/integrations';
import { messageIdOf } from '../event/message-id';
import { parseTime } from '../event/parse-time';
import {
  readSharedFields,
  type SharedFields,
  sharedBytes,
  textWithSharedFields,
  withSharedFields,
} from '../event/shared-fields';
import { isObject, type JsonObject } from '../json/json-object';
import { withoutByteOrderMark } from '../text';
import { batchIn, textsInBatch } from './batch';
import { HISTORY_ATTRIBUTES, type History, readHistory } from './history';
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
  /** Its group for SQS's fair queues; undefined where its producer has given none. */
  readonly group: string | undefined;
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
  /** The attributes that say so. */
  readonly redrivenBy: Readonly<Record<string, string>>;
  /** It was put back with what is unfinished of an earlier message. */
  readonly isPutBack: boolean;
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
  /** What the batch it came in says of all its events. */
  readonly shared: SharedFields | undefined;
  /** The event with that, and with `type`, `messageId` and `timestamp` where a message put by hand lacks them. */
  readonly event: unknown;
  /** The event's own messageId, else `<sqsMessageId>-<index>`: stable over redelivery. */
  readonly messageId: string;
  /** The ISO time of arrival, where the event's own depends on it: missing, unreadable, in the future, corrected. */
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

/** What the events of a message may grow to when each gets its share of the batch's `context`: UTF-8 bytes. */
const MAX_SHARED_BYTES = 8_388_608;

/** Reasons of dead letters that are a whole message. */
const WHOLE_MESSAGE: ReadonlySet<string> = new Set<Reason>(['invalid_json', 'too_many_events']);

export const readMessage = (record: SQSRecord): Message => {
  const redriven = redrivenOf(record);
  const { body, messageId: sqsMessageId } = record;
  const unmarked = withoutByteOrderMark(body);
  const wrapping = redriven === 'event' ? undefined : openWrapping(unmarked);
  return {
    sqsMessageId,
    receiptHandle: record.receiptHandle,
    sentAtMs: sentAtMs(record),
    group: record.attributes.MessageGroupId,
    history: readHistory((name) => attribute(record, name), {
      receives: Number(record.attributes.ApproximateReceiveCount) || 1,
      firstSentAtMs: sentAtMs(record),
      failedAlone: [],
      isCulprit: false,
    }),
    sourceName: attribute(record, ATTRIBUTES.source) ?? wrapping?.sourceName,
    workspaceName: attribute(record, ATTRIBUTES.workspace),
    body,
    content: wrapping === undefined ? unmarked : withoutByteOrderMark(wrapping.content),
    redriven,
    redrivenBy: present(record, [ATTRIBUTES.reason, ATTRIBUTES.failedAt]),
    isPutBack: attribute(record, HISTORY_ATTRIBUTES.putBackAt) !== undefined,
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

/**
 * The events of a message, the same at every call. One whose events cannot be taken is a single one with a fault.
 *
 * @param ownNames more names of Customer.io, from the settings of its source.
 */
export const readEvents = (message: Message, ownNames?: OwnNames): QueuedEvent[] => {
  let content: unknown;
  try {
    content = JSON.parse(message.content);
  } catch {
    return [withFault(message, NOT_JSON)];
  }
  const batch = message.redriven === 'event' ? undefined : batchIn(content);
  if (batch === undefined)
    return [complete(content, content, 0, { message, isAlone: true, ownsStandIns: true, shared: undefined })];
  if (batch.length > MAX_MESSAGE_EVENTS) return [withFault(message, tooManyEvents(batch.length))];
  const shared = isObject(content) ? readSharedFields(content) : undefined;
  if (shared !== undefined && sharedBytes(shared) * batch.length > MAX_SHARED_BYTES)
    return [withFault(message, SHARED_TOO_LARGE)];
  const place = { message, isAlone: false, ownsStandIns: message.isPutBack && batch.length === 1, shared };
  return batch.map((raw, index) => {
    const whole = isObject(raw) ? withSharedFields(raw, shared, ownNames) : raw;
    return complete(raw, whole, index, place);
  });
};

/**
 * The own texts of events that `readEvents` has answered, to the last digit. It costs: only for what is stored once
 * more.
 */
export const readOwnTexts = (message: Message, [first]: readonly QueuedEvent[]): readonly string[] =>
  first?.text === undefined ? textsInBatch(message.content) : [first.text];

/** The same texts with what their batch says of them, for events that leave it. */
export const readTexts = (
  message: Message,
  events: readonly QueuedEvent[],
  ownNames?: OwnNames,
): readonly string[] =>
  readOwnTexts(message, events).map((text, index) =>
    textWithSharedFields(text, events[index]?.raw, events[index]?.shared, ownNames),
  );

const NOT_JSON: Fault = { reason: 'invalid_json', detail: 'the message body is not JSON' };

const tooManyEvents = (count: number): Fault => ({
  reason: 'too_many_events',
  detail: `the message has ${count} events; at most ${MAX_MESSAGE_EVENTS} are taken from one`,
});

const SHARED_TOO_LARGE: Fault = {
  reason: 'too_many_events',
  detail: `\`context\` and \`integrations\` of the batch, once for each of its events, are more than ${MAX_SHARED_BYTES} bytes`,
};

const NO_TIME = { timestampStandIn: undefined, isTimestampReplaced: false, fault: undefined };

const withFault = ({ body, idBase }: Message, fault: Fault): QueuedEvent => ({
  raw: body,
  text: body,
  shared: undefined,
  event: body,
  messageId: idBase,
  ...NO_TIME,
  fault,
});

/** Where an event stands. */
interface Place {
  readonly message: Message;
  /** All of its message. */
  readonly isAlone: boolean;
  /** The only one of its message, whose attributes may hold its stand-ins. */
  readonly ownsStandIns: boolean;
  readonly shared: SharedFields | undefined;
}

/**
 * The event itself when it lacks nothing: no copy is made on the usual path. What is filled in is the same on every
 * delivery, and after a redrive as well, because a dead letter brings its stand-ins along.
 *
 * @param whole `raw` with what its batch says of it.
 */
const complete = (raw: unknown, whole: unknown, index: number, place: Place): QueuedEvent => {
  const { message, isAlone, ownsStandIns, shared } = place;
  const text = isAlone ? message.content : undefined;
  const ownId = isObject(whole) ? messageIdOf(whole) : undefined;
  const messageId = ownId ?? (ownsStandIns ? message.messageId : undefined) ?? `${message.idBase}-${index}`;
  if (!isObject(whole)) return { raw, text, shared, event: raw, messageId, ...NO_TIME };
  const arrival = arrivalOf(whole, place);
  const time = correctTime(whole, arrival);
  const type = typeOf(whole, undefined) ?? whole['type'];
  const isComplete = whole['type'] === type && whole['messageId'] === messageId && saysItself(whole, time);
  return {
    raw,
    text,
    shared,
    event: isComplete ? whole : { ...whole, type, messageId, ...timesOf(time, whole) },
    messageId,
    timestampStandIn: dependsOn(arrival, time) ? formatTime(arrival.receivedAtMs) : undefined,
    isTimestampReplaced: time.isReplaced,
    fault: undefined,
  };
};

/**
 * A service that wrapped the message knows when it was put; only SQS's own clock may judge the time of an event.
 * Of a dead letter without a stand-in nobody knows when it came, so that its `sentAt` says nothing.
 */
const arrivalOf = (event: JsonObject, { message, ownsStandIns }: Place): TimeOfArrival => {
  const sentAtMs = sentAtOf(event);
  const standInMs = ownsStandIns ? parseTime(message.timestamp) : undefined;
  if (standInMs !== undefined) return { receivedAtMs: standInMs, sentAtMs };
  if (message.redriven === 'event') return { receivedAtMs: message.sentAtMs };
  // Stryker disable next-line ConditionalExpression: both times are the same where nothing has wrapped it
  const isWrapped = message.putAtMs !== message.sentAtMs;
  const isJudge = isWrapped && clientTime(event) !== undefined && sentAtMs === undefined;
  return { receivedAtMs: isJudge ? message.sentAtMs : message.putAtMs, sentAtMs };
};

/** Undefined for an event that a server has corrected already. */
const sentAtOf = (event: JsonObject): number | undefined =>
  // Stryker disable next-line ConditionalExpression,LogicalOperator: spares most events the look at `receivedAt`
  event['sentAt'] === undefined || receivedByServerMs(event) !== undefined
    ? undefined
    : parseTime(event['sentAt']);

const dependsOn = ({ receivedAtMs, sentAtMs }: TimeOfArrival, { timestampMs }: EventTime): boolean =>
  timestampMs === receivedAtMs || sentAtMs !== undefined;

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

const present = (record: SQSRecord, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = attribute(record, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const sentAtMs = (record: SQSRecord): number => Number(record.attributes.SentTimestamp);
