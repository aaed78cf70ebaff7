// What senders put at the root of an event beside the fields of Segment's specification. The rule: nothing there is
// lost; it arrives among the attributes under its own name, or the next free one where something else has that name.

import { ENVELOPE } from '../event/event';
import { isObject, type JsonObject } from '../json/json-object';
import { readText, withAttributes } from './attributes';

/** What the operations of these types are made of anyway; of any other type it is the sender's own. */
const READ_BY: ReadonlyMap<string, ReadonlySet<unknown>> = new Map([
  ['properties', new Set(['track', 'page', 'screen'])],
  ['traits', new Set(['identify', 'group'])],
  ['event', new Set(['track'])],
]);

/**
 * The properties or traits, with what stands at the root.
 * @param names what the operation is named after: a root `name` or `event` that says the same is no attribute.
 */
export const withRootFields = (
  own: JsonObject,
  event: JsonObject,
  // Stryker disable next-line ArrayDeclaration: no event is named as the mutant is
  names: readonly (string | undefined)[] = [],
): JsonObject => {
  let more: [name: string, value: unknown][] | undefined;
  for (const key in event) {
    const isRead = ENVELOPE.has(key) || READ_BY.get(key)?.has(event['type']);
    if (isRead || !saysMore(key, event, names)) continue;
    more ??= [];
    more.push([key, event[key]]);
  }
  return more === undefined ? own : withAttributes(own, more);
};

/** Where the operation's name may stand once more. Any other field that reads alike says something of its own. */
const NAMES: ReadonlySet<string> = new Set(['name', 'event']);
/** Segment's containers: null, an array, a scalar or nothing in one count as empty. */
const CONTAINERS: ReadonlySet<string> = new Set(['properties', 'traits']);

/** Some SDKs repeat the type in `event`, and very old ones call it `action`. */
const SAYING_THE_TYPE: ReadonlySet<string> = new Set(['event', 'action']);

/** SDKs write null and empty text for what their caller has not given. */
const saysMore = (key: string, event: JsonObject, names: readonly (string | undefined)[]): boolean => {
  const value = event[key];
  if (CONTAINERS.has(key)) return isObject(value) && Object.keys(value).length > 0;
  if (typeof value !== 'string') return value !== undefined && value !== null;
  const text = readText(value);
  if (text === undefined) return false;
  if (SAYING_THE_TYPE.has(key) && text.toLowerCase() === event['type']) return false;
  return !NAMES.has(key) || !names.includes(text);
};
