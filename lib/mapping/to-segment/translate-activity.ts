// Customer.io reporting webhook in, Segment track event out. Pure, and total: every JSON value that can be
// written as JSON again is answered with an event or with the reason why there is none.

import type { Reason } from '../../errors';
import { MAX_EVENT_BYTES } from '../../event/segment-limits';
import { isObject, type JsonObject } from '../../json/json-object';
import type { ActivityEvent, ActivitySettings, ActivityTranslation } from './activity-event';
import { eventName } from './event-name';
import { fitIntoLimit } from './fit';
import { findIdFault, findPerson, type SegmentPerson } from './person';
import { toProperties } from './properties';
import { textOf } from './text-of';

/** The last second that ISO 8601 writes with four digits of year; milliseconds given by mistake lie beyond it. */
const MAX_UNIX_SECONDS = 253_402_300_799;

const SUBSCRIPTION_METRICS: ReadonlySet<unknown> = new Set([
  'subscribed',
  'unsubscribed',
  'cio_subscription_preferences_changed',
]);

/**
 * Customer.io's description of its reporting webhooks is the source of the rules; `docs/activity.md` lists
 * them. Rejections: `invalid_event` when a field that every webhook has is missing or impossible, or the id is,
 * `missing_identifier` when the person has no id, email or cio_id, `event_too_large` when the event is over
 * Segment's limit even without message content. The webhook is not changed.
 */
export const translateActivity = (webhook: unknown, settings: ActivitySettings): ActivityTranslation => {
  if (!isObject(webhook)) return rejected('invalid_event', 'the webhook: expected an object');
  const header = readHeader(webhook);
  if (typeof header === 'string') return rejected('invalid_event', header);
  const fault = findIdFault(header.data);
  if (fault !== undefined) return rejected(fault.reason, fault.detail);
  const person = findPerson(header.objectType, header.data, settings.activityPropertyCase);
  if (person === undefined) return rejected('missing_identifier', NO_PERSON);
  const event = fitIntoLimit(toEvent(webhook, header, person, settings), settings.activityPropertyCase);
  return event === undefined ? rejected('event_too_large', TOO_LARGE) : { outcome: 'event', event };
};

const NO_PERSON = 'data.identifiers: expected an id, an email or a cio_id; the person may have been deleted';
const TOO_LARGE = `over ${MAX_EVENT_BYTES} bytes even without content and headers`;

const rejected = (reason: Reason, detail: string): ActivityTranslation => ({
  outcome: 'rejected',
  reason,
  detail,
});

/** What every webhook must have. */
interface Header {
  readonly eventId: string;
  readonly objectType: string;
  readonly metric: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: JsonObject;
}

/** A string says which field is wrong. */
const readHeader = (webhook: JsonObject): Header | string => {
  const { data } = webhook;
  const eventId = textOf(webhook['event_id']);
  const metric = textOf(webhook['metric']);
  const objectType = findObjectType(webhook);
  const timestamp = toIsoTime(webhook['timestamp']);
  if (eventId === undefined) return 'event_id: expected a string that is not blank';
  if (metric === undefined) return 'metric: expected a string that is not blank';
  if (objectType === undefined) return 'object_type: expected a string that is not blank';
  if (timestamp === undefined) return 'timestamp: expected Unix seconds';
  if (!isObject(data)) return 'data: expected an object';
  return { eventId, metric, objectType, timestamp, data };
};

/**
 * The description calls the field `object_type_type` for changed preferences, and says that a change of
 * subscription no message has caused is the customer's.
 */
const findObjectType = (webhook: JsonObject): string | undefined => {
  const given = textOf(webhook['object_type']) ?? textOf(webhook['object_type_type']);
  if (given !== undefined) return given;
  return SUBSCRIPTION_METRICS.has(textOf(webhook['metric'])) ? 'customer' : undefined;
};

const toIsoTime = (value: unknown): string | undefined => {
  const seconds = Number(textOf(value));
  const isPossible = seconds >= 0 && seconds <= MAX_UNIX_SECONDS;
  return isPossible ? new Date(seconds * 1000).toISOString() : undefined;
};

const toEvent = (
  webhook: JsonObject,
  header: Header,
  { who, traits }: SegmentPerson,
  { activityPropertyCase }: ActivitySettings,
): ActivityEvent => ({
  type: 'track',
  event: eventName(header.objectType, header.metric),
  ...who,
  messageId: header.eventId,
  timestamp: header.timestamp,
  properties: toProperties(header.objectType, fieldsOf(webhook, header.data), activityPropertyCase),
  context: { integration: { name: 'Customer.io' }, ...(traits && { traits }) },
  integrations: { 'Customer.io': false },
});

/** One flat object of all that is not said elsewhere in the event; `data` wins over the webhook's own fields. */
const fieldsOf = (webhook: JsonObject, data: JsonObject): JsonObject => {
  const { timestamp: _timestamp, data: _data, ...envelope } = webhook;
  const { identifiers, ...message } = data;
  return {
    ...envelope,
    ...message,
    ...(!isObject(identifiers) && identifiers !== undefined && { identifiers }),
  };
};
