// Reading a value nobody has promised anything about as text. Empty counts as absent, as everywhere in the
// mapping: Customer.io blanks the identifiers of a deleted person instead of leaving them out.

import { readId } from '../../event/ids';

/** A string that is not blank, or an exact number as a string; undefined for everything else. */
export const textOf = (value: unknown): string | undefined => readId(value);
