// JSON laid out, or closed up, token by token: numbers stay as they are written, to the last digit, which parsing and
// writing them again would not leave them.

import { writeDeepJson } from '../../../lib/json/write-json';
import { visible } from '../visible';

const TOKEN = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Undefined for what is no JSON. */
const tokensOf = (text: string): string[] | undefined => {
  try {
    JSON.parse(text);
    return text.match(TOKEN) ?? [];
  } catch {
    return undefined;
  }
};

/** What is no JSON stays as it is. */
export const compactJson = (text: string): string => tokensOf(text)?.join('') ?? text;

/** A line for each member, as `JSON.stringify` writes it. What is no JSON stays as it is. */
export const formatJson = (text: string): string => {
  const tokens = tokensOf(text);
  if (tokens === undefined) return text;
  if (depthOf(tokens) > MAX_DEPTH) return tokens.join('');
  let depth = 0;
  return tokens
    .map((token, place) => {
      const before = tokens[place - 1] ?? '';
      if (isClosing(token)) depth -= 1;
      const line = startsLine(before, token) ? `\n${'  '.repeat(depth)}` : '';
      if (isOpening(token)) depth += 1;
      return line + (token === ':' ? ': ' : token);
    })
    .join('');
};

/** The same, for an editor: nothing is hidden in it. In JSON what is written out is the same value. */
export const editableJson = (text: string): string =>
  tokensOf(text) === undefined ? text : visible(formatJson(text));

/** Laid out, a line for each of thousands of levels is longer than all else, and nobody reads it. */
const MAX_DEPTH = 200;

const depthOf = (tokens: readonly string[]): number => {
  let [depth, deepest] = [0, 0];
  for (const token of tokens) {
    if (isOpening(token)) depth += 1;
    else if (isClosing(token)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
};

export const prettyJson = (value: unknown): string => formatJson(writeDeepJson(value) ?? '');

const isOpening = (token: string): boolean => token === '{' || token === '[';
const isClosing = (token: string): boolean => token === '}' || token === ']';

/** What is empty stays closed up. */
const startsLine = (before: string, token: string): boolean => {
  if (before === ',') return true;
  return isOpening(before) ? !isClosing(token) : isClosing(token);
};
