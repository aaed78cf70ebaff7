// What of a line of the archive is somebody's, and what is left of the line without it. Pure.

import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { idOf, peopleOf } from '../people';

/** Ids as they are compared: an email is the same in any case. */
export type Ids = ReadonlySet<string>;

export const idKey = (id: string): string => id.trim().toLowerCase();

/**
 * Whether an event is of this person. A visitor's id may be on a device that several people use: it counts only for an
 * event that names nobody else.
 */
export const isTheirs = (event: unknown, ids: Ids): boolean => {
  if (!isObject(event)) return false;
  const known = idOf(event['userId']);
  const own =
    known.length > 0
      ? peopleOf(event).filter((id) => !idOf(event['anonymousId']).includes(id))
      : peopleOf(event);
  return own.some((id) => ids.has(idKey(id)));
};

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

/** Each id as it stands in JSON, and in an address of the web. */
const mentionOf = (ids: Ids): RegExp | undefined => {
  const long = [...ids].filter((id) => id.length >= MIN_MENTION);
  if (long.length === 0) return undefined;
  const written = long.flatMap((id) => {
    const after = id.includes('@') ? AFTER_EMAIL : AFTER_ID;
    const forms = new Set([JSON.stringify(id).slice(1, -1), encodeURIComponent(id)]);
    return [...forms].map((form) => form.replace(SPECIAL, String.raw`\$&`) + after);
  });
  return new RegExp(`${BEFORE}(?:${written.join('|')})`, 'gi');
};

const MASK = 'forgotten';

/** The text with the ids of the person replaced, wherever they stand: in an event of somebody else, a detail, an id. */
export const withoutMentions = (text: string, ids: Ids): string => {
  const mention = mentionOf(ids);
  return mention === undefined ? text : text.replace(mention, MASK);
};

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
