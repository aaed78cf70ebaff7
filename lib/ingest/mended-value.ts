// One value among the tokens of a broken text, read by JSON's grammar with these mends and no others: commas may be
// missing, doubled or stray; NULs are blanks; NaN and the infinities are null. Nothing is ever completed or guessed.

import type { Tokens } from './broken-json-tokens';

export interface Scan {
  /** Whether the value was read to its end; if not, `end` is the token that cannot stand where it stands. */
  readonly isWhole: boolean;
  /** The first token after the value. */
  readonly end: number;
  /** The brackets still open at `end`, outermost first. */
  readonly open: string[];
}

type Expected = 'item' | 'colon' | 'value';

const SCALARS = 'svn';

/** Reads the object, array or scalar at `from`. The open brackets are a list, not the call stack: any depth will do. */
export const scanValue = ({ kinds }: Tokens, from: number): Scan => {
  const first = kinds.charAt(from);
  if (first !== '{' && first !== '[') {
    const isWhole = first !== '' && SCALARS.includes(first);
    return { isWhole, end: isWhole ? from + 1 : from, open: [] };
  }
  const open = [first];
  let expected: Expected = 'item';
  for (let at = from + 1; at < kinds.length; at += 1) {
    const next = step(kinds, at, expected, open);
    if (next === undefined) return { isWhole: false, end: at, open };
    if (open.length === 0) return { isWhole: true, end: at + 1, open };
    expected = next;
  }
  return { isWhole: false, end: kinds.length, open };
};

/** What may follow the token, or undefined when it cannot stand here. */
const step = (kinds: string, at: number, expected: Expected, open: string[]): Expected | undefined => {
  const kind = kinds.charAt(at);
  if (expected === 'colon') return kind === ':' ? 'value' : undefined;
  if (expected === 'value') return takeValue(kind, open);
  if (kind === ',') return 'item';
  if (open.at(-1) === '{') return takeMember(kind, open);
  if (kind === ']') return close(open);
  // `"a""b"` or `1 2` may as well be one value that was damaged: no comma is put there.
  const isGlued = SCALARS.includes(kind) && SCALARS.includes(kinds.charAt(at - 1));
  return isGlued ? undefined : takeValue(kind, open);
};

const takeMember = (kind: string, open: string[]): Expected | undefined => {
  if (kind === 's') return 'colon';
  return kind === '}' ? close(open) : undefined;
};

const takeValue = (kind: string, open: string[]): Expected | undefined => {
  if (kind === '{' || kind === '[') open.push(kind);
  else if (!SCALARS.includes(kind)) return undefined;
  return 'item';
};

const close = (open: string[]): Expected => {
  open.pop();
  return 'item';
};

/** The value of whole tokens, or undefined when JSON refuses a string among them. */
export const parseTokens = (text: string, tokens: Tokens, from: number, end: number): unknown => {
  const asItCame = text.slice(tokens.starts[from], tokens.ends[end - 1]);
  return parse(asItCame) ?? parse(mend(text, tokens, from, end));
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** The text of the tokens, with a comma exactly where JSON wants one. */
const mend = (text: string, { kinds, starts, ends }: Tokens, from: number, end: number): string => {
  const parts: string[] = [];
  let before = ':';
  for (let at = from; at < end; at += 1) {
    const kind = kinds.charAt(at);
    if (kind === ',') continue;
    if ('svn}]'.includes(before) && 'svn{['.includes(kind)) parts.push(',');
    parts.push(kind === 'n' ? 'null' : text.slice(starts[at], ends[at]));
    before = kind;
  }
  return parts.join('');
};
