// What senders put at the root of an event beside the fields of Segment's specification. The rule: nothing there is
// lost; it arrives among the attributes under its own name, or the next free one where something else has that name.

import { isObject, type JsonObject } from '../json/json-object';
import { readText, withAttribute } from './attributes';

/** Fields that Segment, its SDKs and RudderStack's have a meaning for; none of them is the sender's own data. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'type',
  'userId',
  'anonymousId',
  'previousId',
  'groupId',
  'messageId',
  'timestamp',
  'originalTimestamp',
  'receivedAt',
  'sentAt',
  'context',
  'integrations',
  'options',
  'writeKey',
  'channel',
  'version',
  'projectId',
  '_metadata',
  'rudderId',
  'request_ip',
]);

/** By type, what its operation is made of anyway. Of any other type it is the sender's own. */
const READ_FROM: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['identify', ['traits']],
  ['group', ['traits']],
  ['track', ['properties', 'event']],
  ['page', ['properties']],
  ['screen', ['properties']],
]);

/**
 * The properties or traits, with what stands at the root.
 * @param names what the operation is named after: a root `name` or `event` that says the same is no attribute.
 */
export const withRootFields = (
  own: JsonObject,
  event: JsonObject,
  names: readonly (string | undefined)[] = [],
): JsonObject => {
  const { type } = event;
  const read = READ_FROM.get(type) ?? [];
  let attributes = own;
  for (const key of Object.keys(event)) {
    if (ENVELOPE.has(key) || read.includes(key) || !saysMore(key, event, names)) continue;
    attributes = withAttribute(attributes, key, event[key]);
  }
  return attributes;
};

/** Where the operation's name may stand once more. Any other field that reads alike says something of its own. */
const NAMES: ReadonlySet<string> = new Set(['name', 'event']);
/** Segment's containers: null, an array, a scalar or nothing in one count as empty. */
const CONTAINERS: ReadonlySet<string> = new Set(['properties', 'traits']);

/** SDKs write null and empty text for what their caller has not given, and some repeat the type in `event`. */
const saysMore = (key: string, event: JsonObject, names: readonly (string | undefined)[]): boolean => {
  const value = event[key];
  if (CONTAINERS.has(key)) return isObject(value) && Object.keys(value).length > 0;
  if (typeof value !== 'string') return value !== undefined && value !== null;
  const text = readText(value);
  if (text === undefined || !NAMES.has(key)) return text !== undefined;
  return !names.includes(text) && !(key === 'event' && text.toLowerCase() === event['type']);
};
