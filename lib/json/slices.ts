// The texts of the parts of a JSON text, byte for byte: parsed and written again, `1e20` grows and a number beyond
// 2^53 loses digits. Only for text that `JSON.parse` has taken; one pass over it.

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** What sets `{` and `}` apart from `[` and `]`: a bracket with it is the brace. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** The text of each element of a JSON array, without the whitespace around it. */
export const elementTexts = (array: string): string[] => partsOf(array);

/** The same of an array that stands between these two, in the one pass; undefined where that is not all of the text. */
export const elementTextsBetween = (before: string, text: string, after: string): string[] | undefined => {
  if (!text.startsWith(`${before}[`)) return undefined;
  const ends = outermostEnds(text, before.length);
  return text.slice((ends.at(-1) ?? 0) + 1) === after ? partsBetween(text, ends) : undefined;
};

/** The text of an object's member; undefined where it has none. Of several of one name the last, as `JSON.parse`. */
export const memberText = (object: string, name: string): string | undefined =>
  membersOf(object).findLast(([member]) => member === name)?.[1];

/** The names of an object's members, and the text of each value, in their order. */
export const membersOf = (object: string): [name: string, value: string][] =>
  partsOf(object).map((part) => {
    const endOfName = endOfString(part, 0);
    const name: string = JSON.parse(part.slice(0, endOfName + 1));
    return [name, part.slice(part.indexOf(':', endOfName) + 1).trim()];
  });

/** The text of an object that has these members. Of several of one name the last. */
export const objectText = (members: Iterable<readonly [name: string, value: string]>): string =>
  `{${[...new Map(members)].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;

/** The text of the same object with that member, whatever it had of that name. */
export const withMember = (object: string, name: string, value: string): string =>
  objectText([...membersOf(object), [name, value]]);

/** What stands between the commas of the outermost array or object. */
const partsOf = (text: string): string[] => partsBetween(text, outermostEnds(text, 0));

const partsBetween = (text: string, ends: readonly number[]): string[] => {
  const parts = ends.slice(1).map((end, index) => text.slice((ends[index] ?? 0) + 1, end).trim());
  return parts.length === 1 && parts[0] === '' ? [] : parts;
};

/** Positions of the first bracket from there on, of each comma directly in it, and of the bracket that closes it. */
const outermostEnds = (text: string, from: number): number[] => {
  const ends: number[] = [];
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA && depth === 1) ends.push(at);
    else if ((code | BRACE_BIT) === OPENING && ++depth === 1) ends.push(at);
    else if ((code | BRACE_BIT) === CLOSING && --depth === 0) return [...ends, at];
  }
  return ends;
};

/** The position of the quote that ends the string which begins at `start`. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    if (!isEscaped(text, at)) return at;
  }
  return text.length;
};

/** By an odd number of backslashes: each second one is meant itself. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
};
