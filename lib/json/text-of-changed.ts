// The text of a value that was made of another, whose text is known: what is the same value stays byte for byte, to the
// last digit of a number, and only what is another is written.

import { isObject } from './json-object';
import { elementTexts, membersOf, objectText } from './slices';
import { writeDeepJson } from './write-json';

/**
 * @param text JSON of `before`.
 * @param after a copy that shares with `before` what has not changed, as a copy on writing does.
 */
export const textOfChanged = (text: string, before: unknown, after: unknown): string => {
  if (before === after) return text;
  if (isObject(before) && isObject(after)) {
    const texts = new Map(membersOf(text));
    const members = Object.entries(after).filter(([, value]) => value !== undefined);
    return objectText(
      members.map(([name, value]) => [name, textOfPart(texts.get(name), before[name], value)]),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    const texts = elementTexts(text);
    return `[${after.map((value, index) => textOfPart(texts[index], before[index], value)).join(',')}]`;
  }
  return writeDeepJson(after);
};

/** Undefined: there was none before. */
const textOfPart = (text: string | undefined, before: unknown, after: unknown): string =>
  text === undefined ? writeDeepJson(after) : textOfChanged(text, before, after);
