// The text of a value that was made of another, whose text is known: what is the same value keeps the last digit of its
// numbers, and only what is another is written.

import { isObject } from './json-object';
import { elementTexts, membersOf, objectText } from './slices';
import { writeDeepJson } from './write-json';

/**
 * A number that loses something when it is read and written again: sixteen digits, with or without a point among
 * them, or an exponent of three.
 */
const MAY_LOSE = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;

/**
 * @param text JSON of `before`.
 * @param after a copy that shares with `before` what has not changed, as a copy on writing does.
 */
export const textOfChanged = (text: string, before: unknown, after: unknown): string => {
  if (before === after) return text;
  // Four times as fast, and the same but for how a number is spelled.
  return MAY_LOSE.test(text) ? patched(text, before, after) : writeDeepJson(after);
};

const patched = (text: string, before: unknown, after: unknown): string => {
  if (before === after) return text;
  if (isObject(before) && isObject(after)) {
    const texts = new Map(membersOf(text));
    const members = Object.entries(after).filter(([, value]) => value !== undefined);
    return objectText(
      members.map(([name, value]) => [name, patchedPart(texts.get(name), before[name], value)]),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    const texts = elementTexts(text);
    return `[${after.map((value, index) => patchedPart(texts[index], before[index], value)).join(',')}]`;
  }
  return writeDeepJson(after);
};

/** Undefined: there was none before. */
const patchedPart = (text: string | undefined, before: unknown, after: unknown): string =>
  text === undefined ? writeDeepJson(after) : patched(text, before, after);
