// Attributes from what an event carries. The rule: every key passes flat and untouched, because Customer.io
// gives dots a meaning, and a null stays, because it removes the attribute there.

import { isObject, type JsonObject } from '../json/json-object';
import { writeDeepJson } from '../json/write-json';
import { put } from '../rules/draft';
import { convertAsSet } from './convert-dates';
import type { MappingSettings } from './translation';

const NOTHING: JsonObject = Object.freeze({});

/** The value itself when it is an object; null, arrays and scalars count as empty. */
export const objectOrEmpty = (value: unknown): JsonObject => (isObject(value) ? value : NOTHING);

/**
 * The given object itself when the settings leave its dates alone or it has none.
 * @param path where it stands in the event: `traits`, `properties`.
 */
export const toAttributes = (
  value: unknown,
  { convertTimestamps }: MappingSettings,
  path: string,
): JsonObject => convertAsSet(objectOrEmpty(value), convertTimestamps, path);

/**
 * The attributes with more: each under its name, or `name_2` and so on where something else has it. What stands there
 * stays, and what says the same stands there once. They are copied once, however many come: a sender may write thousands.
 */
export const withAttributes = (
  attributes: JsonObject,
  more: Iterable<readonly [name: string, value: unknown]>,
): JsonObject => {
  let copy: Record<string, unknown> | undefined;
  for (const [name, value] of more) {
    const free = freeName(copy ?? attributes, name, value);
    if (free === undefined) continue;
    copy ??= { ...attributes };
    put(copy, free, value);
  }
  return copy ?? attributes;
};

export const withAttribute = (attributes: JsonObject, name: string, value: unknown): JsonObject =>
  withAttributes(attributes, [[name, value]]);

/** Undefined where the value stands there already. */
const freeName = (attributes: JsonObject, name: string, value: unknown): string | undefined => {
  let free = name;
  for (let number = 2; Object.hasOwn(attributes, free); number += 1) {
    if (isSame(attributes[free], value)) return undefined;
    free = `${name}_${number}`;
  }
  return free;
};

/** Blanks around a text say nothing. */
const isSame = (one: unknown, other: unknown): boolean =>
  typeof one === 'string' && typeof other === 'string'
    ? one.trim() === other.trim()
    : writeDeepJson(one) === writeDeepJson(other);

/** The text without the blanks around it; undefined when nothing is left or it is no text. */
export const readText = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.trim() || undefined : undefined;

/** The same for what takes text alone: a number or a yes says the same as text. */
export const readScalar = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : readText(value);
