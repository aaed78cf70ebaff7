// Whether a value is larger than a limit as JSON. Most are far below theirs, which a bound that allocates
// nothing shows; only what comes near is serialised.

import { isObject } from '../../../../lib/json/json-object';

/** Deeper than any real payload, and shallow enough for every recursion over it. */
const MAX_DEPTH = 100;
/** A UTF-16 unit is at most `\uXXXX`. */
const MAX_BYTES_PER_UNIT = 6;
const MAX_SCALAR_BYTES = 25;
const MAX_UTF8_BYTES_PER_UNIT = 3;

export const textExceeds = (text: string, maxBytes: number): boolean =>
  text.length * MAX_UTF8_BYTES_PER_UNIT > maxBytes && Buffer.byteLength(text) > maxBytes;

/** A value nested deeper than {@link MAX_DEPTH} exceeds every limit. */
export const jsonExceeds = (value: unknown, maxBytes: number): boolean => {
  const bound = upperBound(value, 0);
  if (bound <= maxBytes) return false;
  return bound === Infinity || Buffer.byteLength(JSON.stringify(value)) > maxBytes;
};

const upperBound = (value: unknown, depth: number): number => {
  if (typeof value === 'string') return stringBound(value);
  if (!Array.isArray(value) && !isObject(value)) return MAX_SCALAR_BYTES;
  if (depth === MAX_DEPTH) return Infinity;
  let bound = 2;
  if (Array.isArray(value)) {
    for (const item of value) bound += upperBound(item, depth + 1) + 1;
    return bound;
  }
  for (const name of Object.keys(value)) {
    bound += stringBound(name) + upperBound(value[name], depth + 1) + 2;
  }
  return bound;
};

const stringBound = (text: string): number => text.length * MAX_BYTES_PER_UNIT + 2;
