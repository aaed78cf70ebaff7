// What senders put at the root of an event beside the fields of Segment's specification. The rule: nothing there is
// lost; it arrives among the attributes under its own name, where no property of that name stands already.

import type { JsonObject } from '../json/json-object';
import { readText } from './attributes';

/** Fields that Segment, its SDKs and RudderStack's have a meaning for; none of them is the sender's own data. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'type',
  'event',
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
  'properties',
  'traits',
  'options',
  'writeKey',
  'channel',
  'version',
  'projectId',
  '_metadata',
  'rudderId',
  'request_ip',
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
  let added: [string, unknown][] | undefined;
  for (const key of Object.keys(event)) {
    if (ENVELOPE.has(key) && !isNameOfView(key, event)) continue;
    if (Object.hasOwn(own, key) || !saysMore(event[key], NAMES.has(key) ? names : [])) continue;
    added ??= [];
    added.push([key, event[key]]);
  }
  return added === undefined ? own : { ...own, ...Object.fromEntries(added) };
};

/** Some SDKs repeat the name of a page or screen in `event`, others have something else there. */
const isNameOfView = (key: string, { type }: JsonObject): boolean =>
  key === 'event' && (type === 'page' || type === 'screen');

/** Where the operation's name may stand once more. Any other field that reads alike says something of its own. */
const NAMES: ReadonlySet<string> = new Set(['name', 'event']);

/** SDKs write null and empty text for what their caller has not given. */
const saysMore = (value: unknown, names: readonly (string | undefined)[]): boolean => {
  if (typeof value !== 'string') return value !== undefined && value !== null;
  const text = readText(value);
  return text !== undefined && !names.includes(text);
};
