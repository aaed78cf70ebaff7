// What makes an event one that can never be delivered, as a value. `detail` names fields and expectations, never
// what the event holds: it is stored and logged.

import type { Reason } from '../errors';

export interface Fault {
  readonly reason: Reason;
  readonly detail: string;
}

export const isFault = (found: object | undefined): found is Fault =>
  found !== undefined && 'reason' in found && 'detail' in found;

/** The name of a JSON type, for details. */
export const typeName = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};
