// Writing JSON that was read: `JSON.parse` follows any nesting, `JSON.stringify` overflows the stack on some
// thousands of levels. Such a value is turned away like any other that cannot be sent; it is no bug.

import type { Prepared } from '../delivery/connector';

/** The bytes that are sent; undefined for a value that is nested too deeply. */
export const serialize = (value: unknown): Buffer | undefined =>
  unlessTooDeep(() => Buffer.from(JSON.stringify(value)));

/** What `write` answers; undefined when the stack was not deep enough for it. */
export const unlessTooDeep = <Value>(write: () => Value): Value | undefined => {
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

export const NESTED_TOO_DEEPLY: Prepared = {
  kind: 'rejected',
  reason: 'invalid_event',
  detail: 'the event is nested too deeply to be written as JSON again',
};
