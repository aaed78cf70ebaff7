// The texts of the parts of a JSON text, byte for byte: parsed and written again, `1e20` grows and a number beyond
// 2^53 loses digits. Only for text that `JSON.parse` has taken; one pass over it.

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** The text of each element of a JSON array, without the whitespace around it. */
export const elementTexts = (array: string): string[] => partsOf(array);

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
const partsOf = (text: string): string[] => {
  const ends = outermostEnds(text);
  const parts = ends.slice(1).map((end, index) => text.slice((ends[index] ?? 0) + 1, end).trim());
  return parts.length === 1 && parts[0] === '' ? [] : parts;
};

/** Positions of the outermost bracket, of each comma directly in it, and of the bracket that closes it. */
const outermostEnds = (text: string): number[] => {
  const ends: number[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA && depth === 1) ends.push(at);
    else if (OPENING.has(code) && ++depth === 1) ends.push(at);
    else if (CLOSING.has(code) && --depth === 0) ends.push(at);
  }
  return ends;
};

/** The position of the quote that ends the string which begins at `start`. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
};
