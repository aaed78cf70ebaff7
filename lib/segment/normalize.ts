// An event as it goes on the queue: everything Segment's own API fills in, and nothing of transport. Pure;
// the event that came stays untouched, because a dead letter must carry it as it was.

import { type EventType, ID_FIELDS, type IdField, isObject, type JsonObject } from './event';
import { clientTime, correctedTime } from './time';

/** What the events of one request have in common. */
export interface Arrival {
  readonly receivedAtMs: number;
  /** The same as ISO 8601. */
  readonly receivedAt: string;
  readonly sentAt: unknown;
  readonly context: JsonObject | undefined;
  readonly integrations: JsonObject | undefined;
  /** The address the request came from. */
  readonly ip: string | undefined;
  /** Whether a browser made it. */
  readonly isBrowser: boolean;
  readonly newMessageId: () => string;
}

/** Fields that are `undefined` in the result are gone once it is JSON. */
export const normalize = (event: JsonObject, type: EventType, arrival: Arrival): JsonObject => {
  const normalized: Record<string, unknown> = { ...event };
  normalized['type'] = type;
  for (const field of ID_FIELDS) normalizeId(normalized, field);
  normalized['messageId'] = messageIdOf(event) ?? arrival.newMessageId();
  setTimes(normalized, event, arrival);
  setContext(normalized, arrival);
  setIntegrations(normalized, arrival.integrations);
  for (const field of TRANSPORT_FIELDS) {
    if (event[field] !== undefined) normalized[field] = undefined;
  }
  return normalized;
};

const TRANSPORT_FIELDS = ['writeKey', 'sentAt'] as const;

/** SDKs write "no id" as null or as an empty string. */
const normalizeId = (event: Record<string, unknown>, field: IdField): void => {
  const id = event[field];
  if (id === null || id === '') event[field] = undefined;
  if (typeof id === 'number') event[field] = String(id);
};

/** The client's own, which is the same when it sends the event again. */
export const messageIdOf = ({ messageId }: JsonObject): string | undefined => {
  if (typeof messageId === 'number') return String(messageId);
  return typeof messageId === 'string' && messageId !== '' ? messageId : undefined;
};

const setTimes = (normalized: Record<string, unknown>, event: JsonObject, arrival: Arrival): void => {
  const { receivedAt, receivedAtMs } = arrival;
  const happened = clientTime(event);
  const correctedMs = correctedTime(happened, event['sentAt'] ?? arrival.sentAt, receivedAtMs);
  normalized['originalTimestamp'] = happened ?? receivedAt;
  normalized['timestamp'] = correctedMs === receivedAtMs ? receivedAt : new Date(correctedMs).toISOString();
  normalized['receivedAt'] = receivedAt;
};

const setContext = (event: Record<string, unknown>, arrival: Arrival): void => {
  const own = event['context'];
  // The event's own keys win.
  const context = arrival.context === undefined ? own : { ...arrival.context, ...(isObject(own) ? own : {}) };
  if (isIpWanted(context, arrival)) event['context'] = { ...context, ip: arrival.ip };
  else if (context !== own) event['context'] = context;
};

/** Names the browser SDKs give themselves. */
const BROWSER_LIBRARIES: readonly unknown[] = ['analytics.js', 'RudderLabs JavaScript SDK'];

/** Behind a server SDK the connection is the customer's server: its address says nothing of a person. */
const isIpWanted = (context: unknown, arrival: Arrival): context is JsonObject | undefined => {
  if (arrival.ip === undefined) return false;
  if (!isObject(context)) return arrival.isBrowser && context === undefined;
  const { ip, direct, library } = context;
  if (ip !== undefined && ip !== null && ip !== '') return false;
  if (arrival.isBrowser || direct === true) return true;
  return isObject(library) && BROWSER_LIBRARIES.includes(library['name']);
};

const setIntegrations = (event: Record<string, unknown>, shared: JsonObject | undefined): void => {
  const own = event['integrations'];
  if (!isObject(own)) {
    // PHP writes an empty object as `[]`.
    if (shared !== undefined || Array.isArray(own)) event['integrations'] = shared ?? {};
    return;
  }
  if (shared !== undefined || own['all'] !== undefined) {
    event['integrations'] = { ...shared, ...withProperAll(own) };
  }
};

/** Go spells the default of unnamed destinations in lower case. */
export const withProperAll = (integrations: JsonObject): JsonObject => {
  const { all, ...named } = integrations;
  return all === undefined ? integrations : { All: all, ...named };
};
