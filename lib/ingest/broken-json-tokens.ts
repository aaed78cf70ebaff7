// Cuts a text that is not JSON into tokens. It knows nothing of what may follow what: a valid stretch comes out
// as JSON has it wherever it begins, and a quote too many or too few spoils only the tokens beside it.

export interface Tokens {
  /**
   * One character a token: `{ } [ ] , :`, `s` a string, `v` a number, true, false or null, `n` NaN or an infinity,
   * `x` anything else.
   */
  readonly kinds: string;
  readonly starts: readonly number[];
  /** The first character after the token. */
  readonly ends: readonly number[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** What stands between tokens: JSON's blanks, and the NULs that a file system leaves where nothing was written. */
const GAP = ' \t\r\n\0';
const BEFORE_A_STRING = '{[,:';
const AFTER_A_STRING = '}],:';

export const tokenize = (text: string): Tokens => {
  const kinds: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const word = /[^ \t\r\n\0{}[\],:"]+/y;
  for (let at = skipGap(text, 0); at < text.length; at = skipGap(text, at)) {
    const [kind, end] = readToken(text, at, kinds.at(-1) ?? ',', word);
    kinds.push(kind);
    starts.push(at);
    ends.push(end);
    at = end;
  }
  return { kinds: kinds.join(''), starts, ends };
};

const skipGap = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && GAP.includes(text.charAt(at))) at += 1;
  return at;
};

const readToken = (text: string, at: number, before: string, word: RegExp): readonly [string, number] => {
  const character = text.charAt(at);
  if (character === '"') return readString(text, at, before);
  if (BEFORE_A_STRING.includes(character) || AFTER_A_STRING.includes(character)) return [character, at + 1];
  word.lastIndex = at;
  const found = word.exec(text)?.[0] ?? character;
  return [kindOfWord(found), at + found.length];
};

const kindOfWord = (word: string): string => {
  if (word === 'true' || word === 'false' || word === 'null') return 'v';
  if (word === 'NaN' || word === 'Infinity' || word === '-Infinity') return 'n';
  return NUMBER.test(word) ? 'v' : 'x';
};

/**
 * In JSON a string begins after one of `{[,:` and is followed by one of `}],:`, so these two rules never touch a
 * string that is whole. A quote that can only be an end, because its beginning is lost, is passed over alone. A
 * quote that can only be a beginning does not end the string before it: that one was cut.
 */
const readString = (text: string, at: number, before: string): readonly [string, number] => {
  if (!BEFORE_A_STRING.includes(before) && isOneOf(AFTER_A_STRING, text, skipGap(text, at + 1))) {
    return ['x', at + 1];
  }
  const close = closingQuote(text, at + 1);
  if (text.charCodeAt(close) !== QUOTE) return ['x', close];
  if (isEndOfString(text, close)) return ['s', close + 1];
  const punctuation = punctuationBefore(text, close, at + 1);
  return punctuation < close ? ['x', punctuation] : ['s', close + 1];
};

/** The next quote without a backslash, or the first character that no string may hold as it is. */
const closingQuote = (text: string, from: number): number => {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE || code < SPACE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
  return text.length;
};

const isEndOfString = (text: string, close: number): boolean => {
  const next = skipGap(text, close + 1);
  return next >= text.length || isOneOf(`${AFTER_A_STRING}"{[`, text, next);
};

/** Where the punctuation begins that stands right before a quote: it is outside the string that was cut. */
const punctuationBefore = (text: string, quote: number, from: number): number => {
  let at = quote;
  while (at > from && isOneOf(`${BEFORE_A_STRING}${AFTER_A_STRING}${GAP}`, text, at - 1)) at -= 1;
  let last = quote - 1;
  while (last >= at && isOneOf(GAP, text, last)) last -= 1;
  return last >= at && isOneOf(BEFORE_A_STRING, text, last) ? at : quote;
};

const isOneOf = (characters: string, text: string, at: number): boolean =>
  at < text.length && characters.includes(text.charAt(at));
