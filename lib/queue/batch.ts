// What is one event and what holds several, on a queue. An object with a `type` is an event, whatever else it holds
// and whatever the `type` is: were it opened for its `batch`, it would vanish, or what is in there would pass unseen.

import { isObject, type JsonObject } from '../json/json-object';
import { elementTexts, elementTextsBetween, memberText } from '../json/slices';

/** `action` is what very old SDKs call the `type`. */
export const isEvent = (body: JsonObject): boolean => 'type' in body || 'action' in body;

/** The events of a body that is an array or `{"batch": [...]}`; undefined when it is one event itself. */
export const batchIn = (body: unknown): readonly unknown[] | undefined => {
  if (Array.isArray(body)) return body;
  if (!isObject(body) || isEvent(body)) return undefined;
  return Array.isArray(body['batch']) ? body['batch'] : undefined;
};

/** The texts of the same events, byte for byte. */
export const textsInBatch = (text: string): string[] =>
  elementTextsBetween(BATCH, text, '}') ??
  elementTexts(text.trimStart().startsWith('[') ? text : (memberText(text, 'batch') ?? ''));

/** How nearly every message begins: ingest writes it so. */
const BATCH = '{"batch":';

/**
 * A body that holds these events and can be taken for nothing else, whatever they are.
 *
 * @param shared what the batch says of all of them: members of an object as text, each after a comma.
 */
export const toBatch = (events: readonly string[], shared = ''): string =>
  `${BATCH}[${events.join(',')}]${shared}}`;
