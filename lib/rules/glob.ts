// Globs of names and keys: `*` stands for any text, `\*` for a star. Matched from left to right without ever
// going back, so that no text, however hostile, takes longer than its length.

export type Matcher = (text: string) => boolean;

export const compileGlob = (pattern: string): Matcher => {
  const [first, ...others] = literalParts(pattern);
  const last = others.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => matchesParts(text, first, others, last);
};

/** True when one of them matches. */
export const compileGlobs = (patterns: readonly string[]): Matcher => {
  const matchers = patterns.map(compileGlob);
  return (text) => matchers.some((matches) => matches(text));
};

/** Whether a pattern is more than a literal text. */
export const hasStar = (pattern: string): boolean => literalParts(pattern).length > 1;

/** A pattern without the backslashes that make its characters literal. */
export const unescapeLiteral = (pattern: string): string => pattern.replace(/\\(.)/gs, '$1');

/** What stands between the stars. */
const literalParts = (pattern: string): [string, ...string[]] => {
  const parts: [string, ...string[]] = [''];
  for (const [token] of pattern.matchAll(/\\?./gs)) {
    if (token === '*') parts.push('');
    else parts.push(`${parts.pop()}${unescapeLiteral(token)}`);
  }
  return parts;
};

const matchesParts = (text: string, first: string, middle: readonly string[], last: string): boolean => {
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of middle) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= end;
};
