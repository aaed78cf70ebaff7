// What of a line of the archive is somebody's, and what is left of the line without it. Pure. The rule: of somebody
// else's event no more goes than the mention, and whoever is named by it stays who they are.

import { ENVELOPE } from '../../../lib/event/event';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { membersOf, objectText } from '../../../lib/json/slices';
import { idKey, linksOf, ownersOf, peopleOf } from '../people';

/** As `idKey` has them. */
export type Ids = ReadonlySet<string>;

/** Whether an id is the person's. */
export type IsOfThem = (id: string) => boolean;

/** Whether an event is of this person. */
export const isTheirs = (event: unknown, ids: Ids): boolean =>
  ownersOf(event).some((id) => ids.has(idKey(id)));

/** The other ids of the person, of an event that is theirs. */
export const otherIdsIn = (event: unknown, ids: Ids): string[] => {
  const links = linksOf(event);
  const isLinked = ownersOf(event).some((id) => links.includes(id) && ids.has(idKey(id)));
  return isLinked ? links.filter((id) => !ids.has(idKey(id))) : [];
};

/** Shorter ids stand in too many texts that mean something else. */
const MIN_MENTION = 6;
const SPECIAL = /[.*+?^${}()|[\]\\/]/g;

/** What an id may be a part of: `u-18` is not meant by `u-181`, nor `a@b.example` by `a@b.example.org`. */
const BEFORE = String.raw`(?<=^|[^\p{L}\p{N}_.+@-])`;
const AFTER_ID = String.raw`(?![\p{L}\p{N}_@-]|\.[\p{L}\p{N}_])`;
const AFTER_EMAIL = String.raw`(?![\p{L}\p{N}_]|\.[\p{L}\p{N}_])`;

const isEmail = (id: string): boolean => id.includes('@');

/** Each id as it is, and as it stands in an address of the web. */
const mentionOf = (ids: readonly string[], after: string): RegExp | undefined => {
  const written = ids.flatMap((id) => [id, encodeURIComponent(id.toWellFormed())]);
  const forms = [...new Set(written)].map((form) => form.replace(SPECIAL, String.raw`\$&`));
  return forms.length === 0 ? undefined : new RegExp(`${BEFORE}(?:${forms.join('|')})${after}`, 'gu');
};

interface Mentions {
  /** Of emails, which are the same in any case: in lower case, encoded as well. */
  readonly emails: RegExp | undefined;
  readonly others: RegExp | undefined;
}

const mentionsOf = (ids: Ids): Mentions => {
  const known = compiled.get(ids);
  if (known?.size === ids.size) return known.mentions;
  const long = [...ids].filter((id) => id.length >= MIN_MENTION);
  const emails = mentionOf(long.filter(isEmail), AFTER_EMAIL);
  const mentions = {
    emails: emails && new RegExp(emails.source.replace(/%[\dA-F]{2}/g, lower), emails.flags),
    others: mentionOf(
      long.filter((id) => !isEmail(id)),
      AFTER_ID,
    ),
  };
  compiled.set(ids, { size: ids.size, mentions });
  return mentions;
};

/** A set that has grown since is another. */
const compiled = new WeakMap<Ids, { readonly size: number; readonly mentions: Mentions }>();

const lower = (text: string): string => text.toLowerCase();

const MASK = 'forgotten';

/** The text with the ids of the person replaced, wherever they stand in it. */
export const withoutMentions = (text: string, ids: Ids): string => {
  const { emails, others } = mentionsOf(ids);
  const left = others === undefined ? text : text.replace(others, MASK);
  return emails === undefined ? left : withoutEmails(left, emails);
};

/** Found in lower case, and cut out of the text as it is. */
const withoutEmails = (text: string, emails: RegExp): string => {
  const lowered = lower(text);
  const found = [...lowered.matchAll(emails)];
  if (found.length === 0) return text;
  // A few letters are longer in lower case: there, positions are those of the lowered text alone.
  const whole = lowered.length === text.length ? text : lowered;
  let end = 0;
  const parts = found.map(({ 0: email, index }) => {
    const before = whole.slice(end, index);
    end = index + email.length;
    return before + MASK;
  });
  return parts.join('') + whole.slice(end);
};

/** The strings and numbers of JSON, keys among them. */
const SCALAR = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/**
 * The same of JSON, whose strings may be written with any escapes, and which stays JSON.
 *
 * @param spared strings that stay as they are.
 */
export const withoutMentionsIn = (json: string, ids: Ids, spared: readonly string[] = []): string =>
  json.replace(SCALAR, (scalar) => {
    if (!scalar.startsWith('"')) return scalar.length >= MIN_MENTION && ids.has(scalar) ? 'null' : scalar;
    const text = parseJson(scalar);
    if (typeof text !== 'string' || spared.includes(text)) return scalar;
    const left = withoutMentions(text, ids);
    return left === text ? scalar : JSON.stringify(left);
  });

/** Cheap, before anything is parsed: false only where no event of the text names any of them. */
export const mayMention = (text: string, ids: Ids): boolean => {
  const plain = unescaped(text).toLowerCase();
  return [...ids].some((id) =>
    [id, encodeURIComponent(id.toWellFormed())].some((form) => plain.includes(form.toLowerCase())),
  );
};

const ESCAPE = /\\(?:u([\da-f]{4})|(.))/gi;
const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const unescaped = (json: string): string =>
  json.includes('\\')
    ? json.replace(ESCAPE, (_, unit: string | undefined, one = '') =>
        unit === undefined ? (SHORT[one] ?? one) : String.fromCharCode(Number.parseInt(unit, 16)),
      )
    : json;

/** Of text that may be broken JSON: half a line, a body that is none. */
export const withoutMentionsAnywhere = (text: string, ids: Ids): string =>
  withoutMentions(withoutMentionsIn(text, ids), ids);

export type Treatment = 'remove' | 'mask';

/**
 * The line without the person; undefined: the whole line goes. The very same text when there is nothing of them in it.
 * Of an event of somebody else it takes no more than the mention.
 */
export const withoutPerson = (text: string, ids: Ids, treatment: Treatment): string | undefined => {
  if (!mayMention(text, ids)) return text;
  const line = parseJson(text);
  if (!isObject(line)) return isAnywhere(text, ids) ? undefined : text;
  if (!isTheirs(line['event'], ids)) return withoutMention(text, ids);
  return treatment === 'mask' ? withoutMention(masked(line), ids) : undefined;
};

/**
 * Whether half a line, or two that became one, names any of them. Nobody reads it, and what else is in it may be of
 * whom it names.
 */
const isAnywhere = (text: string, ids: Ids): boolean =>
  scalarsIn(text).some((value) => ids.has(idKey(String(value)))) ||
  withoutMentionsAnywhere(text, ids) !== text;

/** The strings and numbers of text that may be broken JSON. */
const scalarsIn = (text: string): unknown[] => (text.match(SCALAR) ?? []).map(parseJson);

/** What counts say stays; what could name somebody goes. */
const masked = (line: Readonly<Record<string, unknown>>): string => {
  const { event: _, detail: __, ...rest } = line;
  return JSON.stringify({ ...rest, eventLeftOut: 'forgotten' });
};

/** Fields whose values are words of our own. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  ...['receivedAt', 'endedAt', 'source', 'workspace', 'outcome', 'reason', 'attempts'],
  ...['eventLeftOut', 'eventChanged'],
]);

const withoutMention = (text: string, ids: Ids): string => {
  let isChanged = false;
  let isAnother = false;
  const members = membersOf(text).map(([name, value]): [string, string] => {
    if (OWN_WORDS.has(name)) return [name, value];
    const left = name === 'event' ? eventWithout(value, ids) : { text: withoutMentionsIn(value, ids) };
    isChanged ||= left.text !== value;
    isAnother ||= name === 'messageId' ? left.text !== value : left.isAnother === true;
    return [name, left.text];
  });
  if (!isChanged) return text;
  const mark: [string, string][] = isAnother ? [['eventChanged', 'true']] : [];
  return objectText([...members, ...mark]);
};

/** Names at the root of an event that say nothing of anybody, whoever is called so. */
const EVENT_WORDS: ReadonlySet<string> = new Set([
  ...ENVELOPE,
  ...['event', 'name', 'category', 'action', 'properties', 'traits'],
]);

export interface EventLeft {
  readonly text: string;
  /** More was replaced than the visitor of a device: it is not what happened any more. */
  readonly isAnother?: boolean;
}

/**
 * An event of somebody else without the mention. Their device's visitor id goes with its key: a word in its place
 * would be a person to whoever reads the event again.
 */
export const eventWithout = (json: string, ids: Ids): EventLeft => {
  const event = parseJson(json);
  if (!isObject(event)) {
    const text = withoutMentionsIn(json, ids);
    return { text, isAnother: text !== json };
  }
  const spared = peopleOf(event).filter((id) => !ids.has(idKey(id)));
  const all = membersOf(json);
  const kept = all.filter(([name]) => name !== 'anonymousId' || !ids.has(idKey(String(event[name]))));
  const clean = kept.map(([name, value]): [string, string] => [
    EVENT_WORDS.has(name) ? name : withoutMentions(name, ids),
    withoutMentionsIn(value, ids, spared),
  ]);
  const isAnother = clean.some(([name, value], at) => name !== kept[at]?.[0] || value !== kept[at]?.[1]);
  return { text: isAnother || kept.length < all.length ? objectText(clean) : json, isAnother };
};
