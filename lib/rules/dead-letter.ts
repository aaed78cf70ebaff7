// An event as its dead letter holds it. What is done here is done again when the dead letter is replayed, and
// changes nothing then: keys that are gone stay gone, and an address is truncated once. Rules that shape an event
// (a hash among them) are left to the replay, because a hash of a hash would be another person.

import { rulesOf } from './compile';
import type { RulesSettings } from './settings';

/**
 * @param body JSON of an event or several, or text that is none: nothing can be taken out of that.
 * @returns the very same text when nothing must go, or when the source keeps its dead letters as they came.
 */
export const asDeadLetter = (body: string, source: RulesSettings): string => {
  const clean = rulesOf(source)?.cleanDeadLetter;
  const event = clean === undefined ? undefined : parse(body);
  const cleaned = clean?.(event);
  return cleaned === event ? body : JSON.stringify(cleaned);
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
