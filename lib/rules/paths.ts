// Paths into an event: `properties.address.city`, `properties.products.*.sku`, `traits.utm_*`, `traits.a\.b` for a
// key with a dot. Reading only; ./draft.ts writes. A walk is as long as the path the settings wrote, however deep
// an event is, so that no event makes it throw or loop.

import { ID_FIELDS } from '../event/event';
import { isPossibleId, readId } from '../event/ids';
import { isObject } from '../json/json-object';
import { compileGlob, hasStar, type Matcher, unescapeLiteral } from './glob';

/** A key, or a test of keys. */
type Segment = string | Matcher;

export type Path = readonly Segment[];

/** Undefined when the text has an empty segment, or `**`, which nothing here means. */
export const parsePath = (text: string): Path | undefined => {
  const isPath = segmentsOf(text).every((segment) => segment !== '' && !segment.includes('**'));
  return isPath ? pathOf(text) : undefined;
};

/** The same of a text that the settings know to be a path. `$.plan` is `plan` at the root of an event. */
export const pathOf = (text: string): Path => {
  const segments = segmentsOf(text);
  const inside = segments[0] === '$' && segments.length > 1 ? segments.slice(1) : segments;
  return inside.map((segment) => (hasStar(segment) ? compileGlob(segment) : asKey(unescapeLiteral(segment))));
};

/** What stands between the dots; behind a backslash that is none itself, a dot is one of the key. */
const segmentsOf = (text: string): string[] => text.split(/(?<=(?<!\\)(?:\\\\)*)\./);

/** The same text as V8 keeps it for keys: looking up one that was cut out of another text takes several times as long. */
// Stryker disable next-line BooleanLiteral,LogicalOperator,ObjectLiteral: either is the same text
const asKey = (text: string): string => Object.keys({ [text]: true })[0] ?? text;

/** A path of plain keys alone, which names one place. */
export const isExact = (path: Path): path is readonly string[] =>
  path.every((segment) => typeof segment === 'string');

const ID_FIELD_NAMES: ReadonlySet<unknown> = new Set(ID_FIELDS);

/** Whether the path leads to an id of the event itself. */
export const isIdField = ([first, ...others]: Path): boolean =>
  others.length === 0 && ID_FIELD_NAMES.has(first);

/** Over HTTP an id of digits is text already and an empty one is gone; on the queue it is as its sender wrote it. */
export const asOverHttp = (id: unknown): unknown => (isPossibleId(id) ? readId(id) : id);

/**
 * The value of an own key, or of an index; undefined when there is none. What a key such as `constructor` or
 * `__proto__` inherits is no value: JSON has no functions, and never holds the prototype itself.
 */
export const childOf = (value: unknown, key: string): unknown => {
  if (isObject(value)) {
    const child = value[key];
    return typeof child === 'function' || child === Object.prototype ? undefined : child;
  }
  return Array.isArray(value) && INDEX.test(key) ? value[Number(key)] : undefined;
};

const INDEX = /^\d{1,9}$/;

/** The value at an exact path; undefined when there is none. */
export const readAt = (value: unknown, path: readonly string[]): unknown => {
  let inner = value;
  for (const key of path) inner = childOf(inner, key);
  return inner;
};

/** A test of the values at a path: true when one of them passes. Without a value none does. */
export const compileTest = (path: Path, test: (value: unknown) => boolean): ((value: unknown) => boolean) => {
  const passes = (value: unknown): boolean => value !== undefined && test(value);
  // Stryker disable next-line ConditionalExpression: only spares an exact path the walk
  if (isExact(path)) return compileExactTest(path, passes);
  return (value) => placesAt(value, path).some((place) => passes(readAt(value, place)));
};

/** With its first steps written out: most paths have no more, and a loop costs as much as they do. */
const compileExactTest = (
  path: readonly string[],
  passes: (value: unknown) => boolean,
): ((value: unknown) => boolean) => {
  // Stryker disable next-line StringLiteral: no path is empty, which the compiler cannot know
  const [first = '', second, ...others] = path;
  if (second === undefined) return (value) => passes(childOf(value, first));
  // Stryker disable next-line ConditionalExpression: only spares the loop
  if (others.length === 0) return (value) => passes(childOf(childOf(value, first), second));
  return (value) => passes(readAt(childOf(childOf(value, first), second), others));
};

/** The exact paths that a path means in a value: each `*` stands for the keys, or indexes, that are there. */
export const placesAt = (value: unknown, path: Path): string[][] => {
  const places: string[][] = [];
  collectPlaces(value, path, [], places);
  return places;
};

const collectPlaces = (value: unknown, path: Path, place: string[], places: string[][]): void => {
  const segment = path[place.length];
  if (segment === undefined) places.push(place);
  else if (typeof segment === 'string')
    collectPlaces(childOf(value, segment), path, [...place, segment], places);
  else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      if (segment(key)) collectPlaces(childOf(value, key), path, [...place, key], places);
    }
  }
};
