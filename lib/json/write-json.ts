// Writing JSON that was read: `JSON.parse` follows any nesting, `JSON.stringify` overflows the stack on some
// thousands of levels. Whoever writes a value that came from outside does it through here.

import { deepToJson } from './deep-json';

/** How messages describe a value that cannot be written. */
export const NESTED_TOO_DEEPLY = 'nested too deeply to be written as JSON again';

/** JSON of the value; undefined when it is nested too deeply. */
export const writeJson = (value: unknown): string | undefined => unlessTooDeep(() => JSON.stringify(value));

/** JSON of the value however deeply it is nested; slower where it is. */
export const writeDeepJson = (value: unknown): string => writeJson(value) ?? deepToJson(value);

/** What `write` answers; undefined when the stack was not deep enough for it. */
export const unlessTooDeep = <Value>(write: () => Value): Value | undefined => {
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** Whether the value has more than so many levels of arrays and objects. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
};
