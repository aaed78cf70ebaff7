// What never leaves, where it stands within text: as a parameter of a URL, a cookie or a form (`?token=…`), or in JSON
// that was sent as text. A parameter loses its value and keeps its name, so that the text stays what it is.

import { parseJson } from '../json/parse-json';

export interface TextPolicy {
  /** Whether a parameter of that name may have something to lose. */
  readonly isPrivate: (name: string) => boolean;
  /** What stands for the value of a parameter that has. */
  readonly valueFor: (name: string, value: string) => string;
  /** What stands for a value that was written as JSON; the value itself where all of it may leave. */
  readonly cleanJson: (value: unknown, depth: number) => unknown;
}

/** The text itself when there is nothing in it that must go. */
export const cleanText = (text: string, policy: TextPolicy, depth: number): string => {
  const json = mayBeJson(text) ? parseJson(text) : undefined;
  // Stryker disable next-line ConditionalExpression,StringLiteral: only spares most text the search for names
  if (json === undefined) return text.includes('=') ? cleanParameters(text, policy) : text;
  const cleaned = policy.cleanJson(json, depth);
  return cleaned === json ? text : JSON.stringify(cleaned);
};

const MAX_BLANK = 0x20;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Most text begins with a letter, and is asked no further. */
const mayBeJson = (text: string): boolean => {
  const first = text.charCodeAt(0);
  if (first === BRACE || first === BRACKET) return true;
  // Stryker disable next-line ConditionalExpression,LogicalOperator,Regex: only spares what is no JSON the parsing
  return first <= MAX_BLANK && /^\s*[[{]/.test(text);
};

/** Each part is read once: a name begins behind a separator alone. */
const NAME = /(?<=^|[?&#;\s])[^?&#;=\s]+(?==)/g;
/** Where a value ends for sure. A blank or a semicolon may be a part of it, which must not stay behind. */
const VALUE_END = /[&#\r\n]/g;

const cleanParameters = (text: string, policy: TextPolicy): string => {
  let cleaned = '';
  let copied = 0;
  NAME.lastIndex = 0;
  for (let found = NAME.exec(text); found !== null; found = NAME.exec(text)) {
    const name = keyOf(found[0]);
    if (!policy.isPrivate(name)) continue;
    const start = NAME.lastIndex + 1;
    const end = endOfValue(text, start);
    cleaned += text.slice(copied, start) + policy.valueFor(name, text.slice(start, end));
    copied = end;
    NAME.lastIndex = end;
  }
  return cleaned + text.slice(copied);
};

const endOfValue = (text: string, start: number): number => {
  VALUE_END.lastIndex = start;
  return VALUE_END.exec(text)?.index ?? text.length;
};

/** Forms write `user%5Btoken%5D` for `user[token]`. */
const keyOf = (name: string): string => {
  // Stryker disable next-line ConditionalExpression,StringLiteral: only spares most names the decoding
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};
