// What of a dead letter is somebody's, and what is left of it without them. Pure. A letter may be several events, in
// an envelope of SNS or EventBridge too: theirs go, those of others stay to be sent.

import { readSharedFields, withSharedFields } from '../../../lib/event/shared-fields';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { membersOf, objectText } from '../../../lib/json/slices';
import { batchIn, textsInBatch } from '../../../lib/queue/batch';
import { openWrapping } from '../../../lib/queue/wrapping';
import { eventWithout, type Ids, isTheirs, withoutMentionsAnywhere, withoutMentionsIn } from './forget-line';

/** Undefined: all of it is theirs. The very same text when there is nothing of them in it. */
export const bodyWithout = (body: string, ids: Ids): string | undefined => {
  const parsed = parseJson(body);
  if (parsed === undefined) return withoutMentionsAnywhere(body, ids);
  if (isObject(parsed) && openWrapping(body) !== undefined) return envelopeWithout(body, parsed, ids);
  const batch = batchIn(parsed);
  if (batch !== undefined) return batchWithout(body, parsed, batch, ids);
  return isTheirs(parsed, ids) ? undefined : eventWithout(body, ids).text;
};

const batchWithout = (
  body: string,
  parsed: unknown,
  batch: readonly unknown[],
  ids: Ids,
): string | undefined => {
  const shared = isObject(parsed) ? readSharedFields(parsed) : undefined;
  const areTheirs = batch.map((event) =>
    isTheirs(isObject(event) ? withSharedFields(event, shared, undefined) : event, ids),
  );
  if (batch.length > 0 && areTheirs.every(Boolean)) return undefined;
  // An event without an id of its own is told from the others by its place.
  const hole = batch.every((event) => isObject(event) && 'messageId' in event) ? [] : ['null'];
  const texts = textsInBatch(body);
  const left = texts.flatMap((text, index) => (areTheirs[index] ? hole : eventWithout(text, ids).text));
  const isSame = left.length === texts.length && left.every((text, index) => text === texts[index]);
  const events = isSame ? undefined : `[${left.join(',')}]`;
  return isObject(parsed) ? membersWithout(body, { batch: events }, ids) : (events ?? body);
};

/** Of SNS, whose message is text, or of EventBridge; or one in the other. */
const envelopeWithout = (body: string, parsed: JsonObject, ids: Ids): string | undefined => {
  const { Message: message } = parsed;
  if (typeof message === 'string') {
    const left = bodyWithout(message, ids);
    if (left === undefined) return undefined;
    return membersWithout(body, { Message: left === message ? undefined : JSON.stringify(left) }, ids);
  }
  const detail = new Map(membersOf(body)).get('detail') ?? '';
  const left = bodyWithout(detail, ids);
  return left === undefined
    ? undefined
    : membersWithout(body, { detail: left === detail ? undefined : left }, ids);
};

/** @param known what is left of the one member that was looked at; undefined in it: it stays. */
const membersWithout = (
  body: string,
  known: Readonly<Record<string, string | undefined>>,
  ids: Ids,
): string => {
  const members = membersOf(body);
  const left = members.map(([name, value]): [string, string] => [
    name,
    name in known ? (known[name] ?? value) : withoutMentionsIn(value, ids),
  ]);
  return left.every(([, value], index) => value === members[index]?.[1]) ? body : objectText(left);
};
