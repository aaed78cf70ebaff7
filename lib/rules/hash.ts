// Values made unreadable and still comparable: SHA-256 of the source's salt followed by the value, in hex, as any
// warehouse can compute it. The same value gives the same hash for ever; another salt gives another.

import { hash } from 'node:crypto';
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

export const hashText = (text: string, salt: string): string => hash('sha256', salt + normalize(text), 'hex');

/** Every text and number in the value, each on its own. What says nothing (null, an empty text) stays. */
export const hashValue = (value: unknown, salt: string, depth = 0): unknown => {
  if (value === null || value === undefined || value === '') return value;
  // What is not looked at must not leave as it is.
  if (depth === MAX_NESTING) return null;
  if (Array.isArray(value)) return value.map((element) => hashValue(element, salt, depth + 1));
  return isObject(value) ? hashMembers(value, salt, depth + 1) : hashText(String(value), salt);
};

const hashMembers = (object: JsonObject, salt: string, depth: number): JsonObject => {
  const hashed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) put(hashed, key, hashValue(value, salt, depth));
  return hashed;
};
