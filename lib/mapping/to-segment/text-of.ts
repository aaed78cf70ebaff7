// Reading a value nobody has promised anything about as text. Empty counts as absent, as everywhere in the
// mapping: Customer.io blanks the identifiers of a deleted person instead of leaving them out.

/** A string that is not blank, or a number as a string; undefined for everything else. */
export const textOf = (value: unknown): string | undefined => {
  if (Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
};
