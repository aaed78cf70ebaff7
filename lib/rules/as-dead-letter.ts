// An event as its dead letter holds it. What is done here is done again when the dead letter is replayed, and
// changes nothing then: keys that are gone stay gone, and an address is truncated once. Rules that shape an event
// (a hash among them) are left to the replay, because a hash of a hash would be another person.

import { parseJson } from '../json/parse-json';
import { textOfChanged } from '../json/text-of-changed';
import type { RulesSettings } from './rule';
import { cleanOf } from './without-private';

/**
 * @param body JSON of an event or several, or text that is none: nothing can be taken out of that.
 * @returns the very same text when nothing must go, or when the source keeps its dead letters as they came.
 */
export const asDeadLetter = (body: string, { privacy }: RulesSettings): string => {
  const clean = privacy?.deadLetters === 'cleaned' ? cleanOf(privacy) : undefined;
  const event = clean === undefined ? undefined : parseJson(body);
  const cleaned = clean?.(event);
  return textOfChanged(body, event, cleaned);
};
