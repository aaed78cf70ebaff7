// What counts as an id. The rule: an id that a sender's bug has made (`undefined`, `[object Object]`) is none,
// because all senders with that bug would share one person, and an alias of it would delete that person for ever.

import type { JsonObject } from '../json/json-object';
import { ID_FIELDS, type IdField } from './event';
import { type Fault, typeName } from './fault';

/** Ids that look like bugs and are real in this workspace. */
export interface IdSettings {
  readonly allowIdentifiers?: readonly string[] | undefined;
}

/** What `readId` takes, for details. */
export const EXPECTED_ID = 'a non-empty string or an exact number';

/** An id as text: strings that are not blank, and exact numbers. Undefined for anything else. */
export const readId = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' && isExact(value) ? String(value) : undefined;
};

/** The last digits of a larger number are lost: two people, or two events, with such ids would become one. */
export const isExact = (id: number): boolean => Math.abs(id) <= Number.MAX_SAFE_INTEGER;

/** What stands around nothing when a program prints it: quotes of any kind, Go's `<nil>`, Objective-C's `(null)`. */
const AROUND = '[\\s\'"`\\u00b4\\u2018-\\u201f\\u00ab\\u00bb\\u2039\\u203a<>()\\\\]*';
/** Nothing, in the words of JavaScript, Python, Ruby, Go and C; pandas' `<NA>`; an object or a promise that became text. */
const NOTHING = 'undefined|null|-?nan|none|nil|<na>|%!\\w\\(<nil>\\)|\\[object \\w+\\]';
/** Customer.io's own ids are of hexadecimal digits: behind their prefix as well, such a word is none. */
const BUG = new RegExp(`^${AROUND}(?:cio_${AROUND})?(?:${NOTHING})${AROUND}$`, 'i');
/** Placeholders that are harmless in an event, but that no two people may be merged over. */
const PLACEHOLDER = /* @__PURE__ */ new RegExp(
  `^${AROUND}(?:true|false|0|-1|anonymous|guest|distinct_id|not_authenticated)${AROUND}$`,
  'i',
);

export const isIllegalId = (id: string, settings: IdSettings): boolean =>
  BUG.test(id) && !isAllowed(id, settings);

export const isIllegalInAlias = (id: string, settings: IdSettings): boolean =>
  (BUG.test(id) || PLACEHOLDER.test(id)) && !isAllowed(id, settings);

const isAllowed = (id: string, { allowIdentifiers = [] }: IdSettings): boolean =>
  allowIdentifiers.includes(id.trim());

/** An `anonymousId` that a bug has made is not used: what else the event says of the person still holds. */
export const readAnonymousId = (event: JsonObject, settings: IdSettings): string | undefined => {
  const id = readId(event['anonymousId']);
  return id === undefined || isIllegalId(id, settings) ? undefined : id;
};

/**
 * The fault of an id field whose value is of a type that no id has. It must not count as absent, or the event would
 * be taken for somebody else's. SDKs write "no id" as null or as an empty string.
 */
export const findIdFault = (event: JsonObject): Fault | undefined => {
  for (const field of ID_FIELDS) if (!isPossibleId(event[field])) return impossibleId(field, event[field]);
  return undefined;
};

export const isPossibleId = (value: unknown): boolean => {
  if (typeof value === 'string' || value === undefined || value === null) return true;
  return typeof value === 'number' && isExact(value);
};

/** @param place where it stands in the event. */
export const impossibleId = (place: string, value: unknown): Fault => ({
  reason: 'invalid_event',
  detail:
    typeof value === 'number'
      ? `${place}: a number too large to be exact; send it as a string`
      : `${place}: expected ${EXPECTED_ID}, got ${typeName(value)}`,
});

export const missingId = (field: IdField): Fault => ({
  reason: 'missing_identifier',
  detail: `${field}: expected ${EXPECTED_ID}`,
});

export const illegalId = (field: IdField): Fault => ({
  reason: 'illegal_identifier',
  detail: `${field}: a bug or a placeholder of its sender, not an id; allowIdentifiers of the source lists exceptions`,
});
