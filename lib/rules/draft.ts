// An event that is being shaped. The rule: what came is never changed. The first edit of an object makes a copy of
// it and of those around it, and later edits go on with the copies.

import { isObject, type JsonObject } from '../json/json-object';
import { asOverHttp, childOf, isExact, isIdField, type Path, placesAt, readAt } from './paths';

type Mutable = Record<string, unknown>;

export interface Draft {
  event: JsonObject;
  /** The objects and lists that were made here, and may be changed. A handful: an array is searched faster than a set. */
  readonly copies: (Mutable | unknown[])[];
}

// Stryker disable next-line ArrayDeclaration: no object is the text that the mutant puts among them
export const draftOf = (event: JsonObject): Draft => ({ event, copies: [] });

/** Answers whether it changed anything. */
export type DraftEdit = (draft: Draft) => boolean;

/** What an edit of a value answers to remove it. */
export const GONE = Symbol('gone');

/** What becomes of a value; `key` is what it stands under. */
export type ValueEdit = (value: unknown, key: string | undefined) => unknown;

/** Edits every value at the path; the same value back means that there is nothing to do. */
export const compileEdit = (path: Path, edit: ValueEdit): DraftEdit =>
  atEveryPlace(path, (draft, place) => {
    const value = readAt(draft.event, place);
    const edited = value === undefined ? undefined : edit(value, place.at(-1));
    if (edited === value) return false;
    write(draft, place, edited);
    return true;
  });

/** Sets the value at the path, with objects on the way where there are none. A scalar on the way stays. */
export const compileSet = (path: Path, value: unknown): DraftEdit =>
  atEveryPlace(path, (draft, place) => {
    if (readAt(draft.event, place) === value || !isWritable(draft.event, place)) return false;
    write(draft, place, value);
    return true;
  });

/**
 * What stands at the target stays, and then the source does too: neither is lost. A source in `context` stays in any
 * case: no operation carries the context, and the mapping reads there what it knows of a device.
 */
export const compileMove = (from: readonly string[], to: readonly string[]): DraftEdit => {
  const remove: DraftEdit = from[0] === 'context' ? () => true : compileEdit(from, () => GONE);
  const valueAt = (path: readonly string[]): ((event: JsonObject) => unknown) =>
    isIdField(path) ? (event) => asOverHttp(readAt(event, path)) : (event) => readAt(event, path);
  const [source, target] = [valueAt(from), valueAt(to)];
  return (draft) => {
    const value = source(draft.event);
    if (value === undefined || target(draft.event) !== undefined || !isWritable(draft.event, to))
      return false;
    write(draft, to, value);
    return remove(draft);
  };
};

/** Backwards, so that an element that goes does not move those still to come. */
const atEveryPlace = (path: Path, edit: (draft: Draft, place: readonly string[]) => boolean): DraftEdit => {
  // Stryker disable next-line ConditionalExpression: only spares an exact path the walk
  if (isExact(path)) return (draft) => edit(draft, path);
  return (draft) =>
    placesAt(draft.event, path)
      .reverse()
      .filter((place) => edit(draft, place)).length > 0;
};

/** Whether there is, or can be made, a place for a value: in objects, and at indexes that an array has. */
const isWritable = (event: JsonObject, place: readonly string[]): boolean => {
  let holder: unknown = event;
  for (const key of place) {
    const child = childOf(holder, key);
    if (!isObject(holder) && !isEmpty(holder) && child === undefined) return false;
    holder = child;
  }
  return true;
};

/** What counts as an object without keys; PHP writes one as `[]`. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

const write = (draft: Draft, place: readonly string[], value: unknown): void => {
  const event = written(draft, draft.event, place, 0, value);
  // Stryker disable next-line ConditionalExpression: at the root it is one, which the compiler cannot know
  if (isObject(event)) draft.event = event;
};

const written = (
  draft: Draft,
  holder: unknown,
  place: readonly string[],
  depth: number,
  value: unknown,
): unknown => {
  const key = place[depth];
  if (key === undefined) return value;
  const child = written(draft, childOf(holder, key), place, depth + 1, value);
  if (Array.isArray(holder) && holder.length > 0) return withElement(draft, holder, Number(key), child);
  // In an object, what is gone is undefined: no JSON has it, and one that a key was deleted from is slow to read.
  return withMember(draft, isObject(holder) ? holder : {}, key, child === GONE ? undefined : child);
};

const withElement = (draft: Draft, array: unknown[], index: number, element: unknown): unknown[] => {
  // Stryker disable next-line ConditionalExpression: only spares what is copied already another copy
  const copy = draft.copies.includes(array) ? array : made(draft, [...array]);
  if (element === GONE) copy.splice(index, 1);
  else copy[index] = element;
  return copy;
};

const withMember = (draft: Draft, object: JsonObject, key: string, value: unknown): JsonObject => {
  // Stryker disable next-line ConditionalExpression: only spares what is copied already another copy
  const copy = draft.copies.includes(object) ? object : made(draft, { ...object });
  put(copy, key, value);
  return copy;
};

const made = <Copy extends Mutable | unknown[]>(draft: Draft, copy: Copy): Copy => {
  // Stryker disable next-line CallExpression: the same
  draft.copies.push(copy);
  return copy;
};

/** A new object, because one that a key was deleted from is several times slower to read from then on. */
export const withoutKeys = (object: JsonObject, gone: readonly string[]): Mutable => {
  const copy: Mutable = {};
  for (const key of Object.keys(object)) {
    if (!gone.includes(key)) put(copy, key, object[key]);
  }
  return copy;
};

/** Sets an own key, whatever it is called: an assignment to `__proto__` would set none. */
export const put = (object: Mutable, key: string, value: unknown): void => {
  // Stryker disable next-line ConditionalExpression: only spares most keys the slower call
  if (key !== '__proto__') object[key] = value;
  else
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      // Stryker disable next-line BooleanLiteral: a key like any other, though nobody deletes it
      configurable: true,
      // Stryker disable next-line BooleanLiteral: the same, though nobody assigns to it
      writable: true,
    });
};
