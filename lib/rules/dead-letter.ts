// An event as its dead letter holds it. What is done here is done again when the dead letter is replayed, and
// changes nothing then: keys that are gone stay gone, and an address is truncated once. Rules that shape an event
// (a hash among them) are left to the replay, because a hash of a hash would be another person.

import { rulesOf } from './compile';
import type { RulesSettings } from './settings';

/** The very same value when nothing must go, or when the source keeps its dead letters as they came. */
export const asDeadLetter = (raw: unknown, source: RulesSettings): unknown => {
  const clean = rulesOf(source)?.cleanDeadLetter;
  return clean === undefined ? raw : clean(raw);
};
