// An event as the archive holds it: without what never leaves. What shapes an event (a hash among it) is left to the
// replay, as with dead letters, because a hash of a hash would be another person.

import { rulesOf } from './compile';
import type { RulesSettings } from './rule';

/** @returns the very same event when nothing must go. */
export const asArchived = (event: unknown, source: RulesSettings): unknown => {
  const clean = rulesOf(source)?.clean;
  return clean === undefined ? event : clean(event);
};
