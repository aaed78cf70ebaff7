// What is wrong with a source, in words. A field may be named and a value may not: it may be a key that was pasted into
// the wrong field, also into the place of a name.

import type * as z from 'zod/mini';
import { isRegion } from '../customerio/regions';
import { isObject } from '../json/json-object';
import { sourceName } from './source';

export const describeIssues = (error: z.core.$ZodError): string[] =>
  error.issues.map((issue) => {
    const field = issue.path.map((segment) => printable(String(segment))).join('.');
    if (issue.code === 'unrecognized_keys') {
      const unknown = `unknown field(s) ${issue.keys.map(printable).join(', ')}`;
      return field === '' ? unknown : `${field} has ${unknown}`;
    }
    return field === '' ? 'must be an object' : `${field} ${issue.message}`;
  });

/** Field names are letters, and places in arrays numbers; anything else may be a value in the wrong place. */
const FIELD_NAME = /^([A-Za-z]+(_[A-Za-z]+)*|\d{1,4})$/;
const MAX_FIELD_NAME_CHARACTERS = 30;

const printable = (field: string): string =>
  field.length <= MAX_FIELD_NAME_CHARACTERS && FIELD_NAME.test(field)
    ? field
    : '(a name that is not repeated here)';

/**
 * What messages call one of several: its place, and its name in quotes. That is only when it is a name, and stands
 * in no other field of `all`: a key may look like a name, and only a region is none for sure.
 */
export const labelOfPlace = (place: string, candidate: unknown, all: readonly unknown[]): string => {
  const name = isObject(candidate) ? sourceName.safeParse(candidate['name']).data : undefined;
  const isElsewhere =
    !isRegion(name) &&
    all.some(
      (other) =>
        isObject(other) &&
        Object.entries(other).some(([field, value]) => field !== 'name' && says(value, name)),
    );
  return name === undefined || isElsewhere ? place : `${place} ("${name}")`;
};

/** Blanks around a text are no part of a key, and some fields are lists of keys. */
const says = (value: unknown, name: string | undefined): boolean =>
  typeof value === 'string'
    ? value.trim() === name
    : Array.isArray(value) && value.some((one) => says(one, name));

/** The objects of settings that hold fields: the sources and their destinations. */
export const holdersOf = (written: readonly unknown[]): unknown[] =>
  written.flatMap((candidate) =>
    isObject(candidate) && Array.isArray(candidate['destinations'])
      ? [candidate, ...candidate['destinations']]
      : [candidate],
  );
