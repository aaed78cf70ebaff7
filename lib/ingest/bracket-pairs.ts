// Which bracket closes which among the tokens of a broken text, so that a member's value is passed over in one step
// however much is in it: whoever looks into each of many objects, one within the other, must not read all of them
// each time.

/** What closes each opening bracket. */
const CLOSING: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['[', ']'],
]);

/** By the token of an opening bracket, that of the one which closes it; 0 where none does, or one of another kind came. */
export const pairBrackets = (kinds: string): Int32Array => {
  const pairs = new Int32Array(kinds.length);
  let open: number[] = [];
  for (let at = 0; at < kinds.length; at += 1) {
    const kind = kinds.charAt(at);
    if (CLOSING.has(kind)) open.push(at);
    if (kind !== '}' && kind !== ']') continue;
    const from = open.pop() ?? at;
    if (CLOSING.get(kinds.charAt(from)) === kind) pairs[from] = at;
    // From here on nobody knows what the brackets before it belong to.
    else open = [];
  }
  return pairs;
};

/** The tokens of the names of an object's own members; none for an object that is broken itself. */
export const memberNames = (kinds: string, object: number, pairs: Int32Array): readonly number[] => {
  const names: number[] = [];
  const last = pairs[object] ?? 0;
  for (let at = object + 1; at < last; at += 1) {
    if (kinds.charAt(at) === ',') continue;
    if (!kinds.startsWith('s:', at)) return [];
    names.push(at);
    const value = at + 2;
    at = CLOSING.has(kinds.charAt(value)) ? (pairs[value] ?? 0) : value;
    // A value that nothing closes ends before it begins.
    if (at < value) return [];
  }
  return names;
};
