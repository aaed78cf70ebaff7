// An event as it goes on the queue: everything Segment's own API fills in, and nothing of transport. Pure;
// the event that came stays untouched, because a dead letter must carry it as it was.

import { type EventType, isObject, type JsonObject } from './event';
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
  normalizeIds(normalized);
  normalized['messageId'] ??= arrival.newMessageId();
  setTimes(normalized, event, arrival);
  setContext(normalized, arrival);
  setIntegrations(normalized, arrival.integrations);
  if (event['writeKey'] !== undefined) normalized['writeKey'] = undefined;
  if (event['sentAt'] !== undefined) normalized['sentAt'] = undefined;
  return normalized;
};

const ID_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId', 'messageId'] as const;

/** SDKs write "no id" as null or as an empty string. */
const normalizeIds = (event: Record<string, unknown>): void => {
  for (const field of ID_FIELDS) {
    const id = event[field];
    if (id === null || id === '') event[field] = undefined;
    if (typeof id === 'number') event[field] = String(id);
  }
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
  event['context'] = isIpWanted(context, arrival) ? { ...context, ip: arrival.ip } : context;
};

/** Names the browser SDKs give themselves. */
const BROWSER_LIBRARIES: readonly unknown[] = ['analytics.js', 'RudderLabs JavaScript SDK'];

/** Behind a server SDK the connection is the customer's server: its address says nothing of a person. */
const isIpWanted = (context: unknown, { ip, isBrowser }: Arrival): context is JsonObject | undefined => {
  if (ip === undefined) return false;
  if (!isObject(context)) return isBrowser && context === undefined;
  if (context['ip'] !== undefined && context['ip'] !== null && context['ip'] !== '') return false;
  const { library } = context;
  return (
    isBrowser ||
    context['direct'] === true ||
    (isObject(library) && BROWSER_LIBRARIES.includes(library['name']))
  );
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
