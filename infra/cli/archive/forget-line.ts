// What of a line of the archive is somebody's, and what is left of the line without it. Pure.

import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { idKey, ownersOf, peopleOf } from '../people';

/** As `idKey` has them. */
export type Ids = ReadonlySet<string>;

/** Whether an event is of this person. */
export const isTheirs = (event: unknown, ids: Ids): boolean =>
  ownersOf(event).some((id) => ids.has(idKey(id)));

/** The other ids of the person, of an event that is theirs. */
export const otherIdsIn = (event: unknown, ids: Ids): string[] =>
  isTheirs(event, ids) ? peopleOf(event).filter((id) => !ids.has(idKey(id))) : [];

/** Shorter ids stand in too many texts that mean something else. */
const MIN_MENTION = 6;
const SPECIAL = /[.*+?^${}()|[\]\\/-]/g;

/** What an id may be a part of: `u-18` is not meant by `u-181`, nor `a@b.example` by `a@b.example.org`. */
const BEFORE = String.raw`(?<=^|[^\w.+@-]|\\[bfnrt])`;
const AFTER_ID = String.raw`(?![\w@-]|\.\w)`;
const AFTER_EMAIL = String.raw`(?!\w|\.\w)`;

/** A character as it may stand in JSON: some senders write every slash, and all that is no ASCII, with a backslash. */
const characterForms = (character: string): string => {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  const forms = [JSON.stringify(character).slice(1, -1), escaped, ...(character === '/' ? ['\\/'] : [])];
  return `(?:${forms.map((form) => form.replace(SPECIAL, String.raw`\$&`)).join('|')})`;
};

/** Each id as it stands in JSON, and in an address of the web. */
const mentionOf = (ids: readonly string[], after: string, flags: string): RegExp[] => {
  const long = ids.filter((id) => id.length >= MIN_MENTION);
  const written = long.flatMap((id) => [
    [...id].map(characterForms).join(''),
    encodeURIComponent(id.toWellFormed()).replace(SPECIAL, String.raw`\$&`),
  ]);
  return written.length === 0 ? [] : [new RegExp(`${BEFORE}(?:${written.join('|')})${after}`, flags)];
};

const mentionsOf = (ids: Ids): RegExp[] => [
  ...mentionOf([...ids].filter(isEmail), AFTER_EMAIL, 'gi'),
  ...mentionOf(
    [...ids].filter((id) => !isEmail(id)),
    AFTER_ID,
    'g',
  ),
];

const isEmail = (id: string): boolean => id.includes('@');

const MASK = 'forgotten';

/** The text with the ids of the person replaced, wherever they stand: in an event of somebody else, a detail, an id. */
export const withoutMentions = (text: string, ids: Ids): string =>
  mentionsOf(ids).reduce((left, mention) => left.replace(mention, MASK), text);

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

export type Treatment = 'remove' | 'mask';

/**
 * The line without the person; undefined: the whole line goes. The very same text when there is nothing of them in it.
 * Of an event of somebody else it takes no more than the mention.
 */
export const withoutPerson = (text: string, ids: Ids, treatment: Treatment): string | undefined => {
  const line = parseJson(text);
  if (!isObject(line) || !isTheirs(line['event'], ids)) return withoutMentions(text, ids);
  return treatment === 'mask' ? withoutMentions(masked(line), ids) : undefined;
};

/** What counts say stays; what could name somebody goes. */
const masked = (line: Readonly<Record<string, unknown>>): string => {
  const { event: _, detail: __, ...rest } = line;
  return JSON.stringify({ ...rest, eventLeftOut: 'forgotten' });
};
