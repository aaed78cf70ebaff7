// Values made unreadable and still comparable: SHA-256 of the source's salt followed by the value, in hex, as any
// warehouse can compute it. The same value gives the same hash for ever; another salt gives another.

import { hash } from 'node:crypto';
import { ID_FIELDS } from '../event/event';
import { type IdSettings, isIllegalId, isPossibleId, readId } from '../event/ids';
import { isObject, type JsonObject, MAX_NESTING } from '../json/json-object';
import { put } from './draft';

const EMAIL = /^[^\s@]+@[^\s@]+$/;

/**
 * An email without blanks around it and in lower case, so that one person has one hash, as advertising
 * networks ask as well. Other text may be an id, in which case matters: it is hashed as it is.
 */
const normalize = (text: string): string => {
  // Stryker disable next-line ConditionalExpression,StringLiteral: only spares most text the slower expression
  if (!text.includes('@')) return text;
  const trimmed = text.trim();
  return EMAIL.test(trimmed) ? trimmed.toLowerCase() : text;
};

/** The salt, and the ids that look like a bug and are somebody. */
export interface Hashing extends IdSettings {
  readonly salt: string;
}

const hashText = (text: string, { salt }: Hashing): string => hash('sha256', salt + normalize(text), 'hex');

/** Keys by which Customer.io, or the ladder of who an event means, knows people. */
const NAMING: ReadonlySet<string> = new Set(['id', 'email', 'phone', 'anonymous_id', ...ID_FIELDS]);

/**
 * Every text and number in the value, each on its own. What says nothing (null, an empty text) stays, and so does a bug
 * such as `undefined` where a name belongs: a hash always looks like one, and all who have the bug would be one person.
 * @param key that the value stands under.
 */
export const hashValue = (value: unknown, hashing: Hashing, key: string | undefined, depth = 0): unknown => {
  if (value === null || value === undefined || value === '') return value;
  // What is not looked at must not leave as it is.
  if (depth === MAX_NESTING) return null;
  if (Array.isArray(value)) return value.map((element) => hashValue(element, hashing, undefined, depth + 1));
  if (isObject(value)) return hashMembers(value, hashing, depth + 1);
  return key !== undefined && NAMING.has(key) && isNobody(value, hashing)
    ? value
    : hashText(String(value), hashing);
};

const isNobody = (name: unknown, settings: IdSettings): boolean => {
  const id = isPossibleId(name) ? readId(name) : undefined;
  return id === undefined || isIllegalId(id, settings);
};

const hashMembers = (object: JsonObject, hashing: Hashing, depth: number): JsonObject => {
  const hashed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) put(hashed, key, hashValue(value, hashing, key, depth));
  return hashed;
};
