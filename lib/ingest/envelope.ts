// What a body holds besides its events. Only the outer shape is decided here; an event of a wrong shape is
// the event's own fault and costs its neighbours nothing, so the events stay unread.

import { typeOf } from '../event/find-fault';
import { readSharedFields, type SharedFields } from '../event/shared-fields';
import { type Refusal, refuse } from '../http/refusal';
import { isObject, type JsonObject } from '../json/json-object';
import { isEvent as isTyped, textsInBatch } from '../queue/batch';
import { MAX_BATCH_EVENTS } from './request-limits';
import { type BodyRoute, isPixelRoute } from './routes';

export interface Envelope {
  readonly events: readonly unknown[];
  /** The texts of the same events, byte for byte where the body is JSON; reads the body once more. */
  readonly texts: () => readonly string[];
  /** What stands where SDKs put their write key, first to last; unchecked. */
  readonly writeKeys: readonly unknown[];
  /** What it says of all its events. */
  readonly shared: SharedFields | undefined;
}

/**
 * The envelope that a body of JSON is, or why it is none.
 *
 * @param text of the body.
 */
export const readEnvelope = (body: unknown, text: string, route: BodyRoute): Envelope | Refusal => {
  // Segment's webhooks post events as a bare array, or one as it is, to whatever path they were given.
  if (Array.isArray(body)) return readBatch({ batch: body }, text);
  if (route.kind === 'batch' && !isEvent(body)) return readBatch(body, text);
  return isObject(body) || isPixelRoute(route)
    ? readEvent(body, text)
    : refuse('malformed_json', 'The body must be a JSON object: the event.');
};

/**
 * On every path an object of a known type is the event itself, also when it has a `batch` of its own. One of any other
 * type is an event as well where it has none, so that its sender is told what is wrong with the type; old SDKs say
 * `batch` there of what holds events.
 */
const isEvent = (body: unknown): boolean =>
  isObject(body) && (typeOf(body, undefined) !== undefined || (isTyped(body) && !saysBatch(body)));

const saysBatch = ({ type, batch }: JsonObject): boolean => type === 'batch' || Array.isArray(batch);

const readEvent = (event: unknown, text: string): Envelope => ({
  events: [event],
  texts: () => [text],
  writeKeys: isObject(event) ? [event['writeKey']] : [],
  shared: undefined,
});

export const TOO_MANY_EVENTS = refuse(
  'payload_too_large',
  `The batch has more than ${MAX_BATCH_EVENTS} events. Send fewer at once.`,
);

const readBatch = (body: unknown, text: string): Envelope | Refusal => {
  if (!isObject(body) || !Array.isArray(body['batch'])) {
    return refuse('malformed_json', 'The body must be a JSON object with an array `batch`.');
  }
  const events: readonly unknown[] = body['batch'];
  if (events.length > MAX_BATCH_EVENTS) return TOO_MANY_EVENTS;
  return {
    events,
    texts: () => textsInBatch(text),
    ...sharedFields(body, events),
  };
};

/** What an envelope says of all its events, and the keys that it or its first event may hold. */
export const sharedFields = (
  fields: JsonObject,
  events: readonly unknown[],
): Omit<Envelope, 'events' | 'texts'> => ({
  writeKeys: isObject(events[0]) ? [fields['writeKey'], events[0]['writeKey']] : [fields['writeKey']],
  shared: readSharedFields(fields),
});
