// An event as it goes on the queue: everything Segment's own API fills in, and nothing of transport. Pure;
// the event that came stays untouched, because a dead letter must carry it as it was.

import type { EventType } from '../event/event';
import { correctTime } from '../event/event-time';
import { formatTime } from '../event/format-time';
import { isExact } from '../event/ids';
import { withProperAll } from '../event/integrations';
import { messageIdOf } from '../event/message-id';
import { parseTime } from '../event/parse-time';
import { isObject, type JsonObject } from '../json/json-object';
import type { Workspace } from '../mapping/fate-by-rules';

/** The settings of its source that the door must know. */
export interface DoorSettings {
  /** Whose rules come before what the door finds wrong with an event. */
  readonly workspaces?: readonly Workspace[] | undefined;
  readonly integrationNames?: readonly string[] | undefined;
  readonly allowIdentifiers?: readonly string[] | undefined;
}

/** What the events of one request have in common. */
export interface Arrival extends DoorSettings {
  readonly receivedAtMs: number;
  /** The time of receipt as ISO 8601. */
  readonly receivedAt: string;
  /** When the batch was sent, by the sender's clock. */
  readonly sentAtMs: number | undefined;
  /** The address the request came from. */
  readonly ip: string | undefined;
  /** Whether a browser made it. */
  readonly isBrowser: boolean;
  readonly newMessageId: () => string;
}

/** Its fields are written by name: V8 is slower with computed ones. */
type MutableEvent = Record<string, unknown>;

export interface Normalized {
  /** Fields that are `undefined` in it are gone once it is JSON. */
  readonly event: JsonObject;
  /** The sender's time could not be read: that of arrival stands for it. */
  readonly isTimestampReplaced: boolean;
}

/** @param event with what its batch says of it. @param type undefined for what is none that is known. */
export const normalize = (event: JsonObject, type: EventType | undefined, arrival: Arrival): Normalized => {
  const normalized: MutableEvent = { ...event };
  if (type !== undefined) normalized['type'] = type;
  setIds(normalized);
  normalized['messageId'] = messageIdOf(event) ?? arrival.newMessageId();
  const isTimestampReplaced = setTimes(normalized, event, arrival);
  setContext(normalized, arrival);
  setIntegrations(normalized);
  // These are fields of transport, and no part of the event.
  if (event['writeKey'] !== undefined) normalized['writeKey'] = undefined;
  if (event['sentAt'] !== undefined) normalized['sentAt'] = undefined;
  return { event: normalized, isTimestampReplaced };
};

const setIds = (event: MutableEvent): void => {
  const { userId, anonymousId, groupId, previousId } = event;
  if (userId !== undefined) event['userId'] = toId(userId);
  if (anonymousId !== undefined) event['anonymousId'] = toId(anonymousId);
  if (groupId !== undefined) event['groupId'] = toId(groupId);
  if (previousId !== undefined) event['previousId'] = toId(previousId);
};

/** SDKs write "no id" as null or as an empty string. A number whose last digits are lost is no id, and stays none. */
const toId = (id: unknown): unknown => {
  if (typeof id === 'number') return isExact(id) ? String(id) : id;
  return id === null || id === '' ? undefined : id;
};

/** What cannot be read is kept as it came, in `originalTimestamp`. */
const setTimes = (normalized: MutableEvent, event: JsonObject, arrival: Arrival): boolean => {
  const { receivedAt, receivedAtMs } = arrival;
  const sentAtMs = parseTime(event['sentAt']) ?? arrival.sentAtMs;
  const time = correctTime(event, { receivedAtMs, sentAtMs });
  const textOf = (ms: number): string => (ms === receivedAtMs ? receivedAt : formatTime(ms));
  const received = textOf(time.receivedAtMs);
  normalized['originalTimestamp'] = time.originalTimestamp ?? received;
  normalized['timestamp'] = textOf(time.timestampMs);
  normalized['receivedAt'] = received;
  return time.isReplaced;
};

const setContext = (event: MutableEvent, arrival: Arrival): void => {
  const { context } = event;
  if (isIpWanted(context, arrival)) event['context'] = { ...context, ip: arrival.ip };
};

/** Names the browser SDKs give themselves. */
const BROWSER_LIBRARIES: readonly unknown[] = ['analytics.js', 'RudderLabs JavaScript SDK'];

/**
 * Whether the address of the connection says anything of a person. Behind a server SDK it is that of the customer's
 * server.
 */
const isIpWanted = (context: unknown, arrival: Arrival): context is JsonObject | undefined => {
  if (arrival.ip === undefined) return false;
  if (!isObject(context)) return arrival.isBrowser && context === undefined;
  const { ip, direct, library } = context;
  if (ip !== undefined && ip !== null && ip !== '') return false;
  if (arrival.isBrowser || direct === true) return true;
  return isObject(library) && BROWSER_LIBRARIES.includes(library['name']);
};

const setIntegrations = (event: MutableEvent): void => {
  const { integrations } = event;
  // PHP writes an empty object as `[]`.
  if (Array.isArray(integrations)) event['integrations'] = {};
  else if (isObject(integrations)) event['integrations'] = withProperAll(integrations);
};
