// Any character of Unicode, as a unit of fast-check's strings: the very texts of its own unit `binary`, which makes a table
// of a million characters first, in every suite anew.

import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const CHARACTERS = 0x110000 - SURROGATES;

const characterAt = (index: number): string =>
  String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES);

/** So that fast-check can make texts of its own out of it, such as `__proto__`. @throws Error for what is none. */
const indexOf = (value: unknown): number => {
  const [character, ...more] = typeof value === 'string' ? value : '';
  if (character === undefined || more.length > 0 || !character.isWellFormed())
    throw new Error('Not a character.');
  const code = character.codePointAt(0) as number;
  return code < FIRST_SURROGATE ? code : code - SURROGATES;
};

export const anyCharacter = fc.nat({ max: CHARACTERS - 1 }).map(characterAt, indexOf);
