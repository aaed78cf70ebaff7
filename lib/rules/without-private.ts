// Something of an event, or all of it, without what never leaves: as the archive holds it, and as message activity goes to
// Segment. What shapes an event (a hash among it) is left to a replay, as with dead letters, because a hash of a hash
// would be another person.

import { type Clean, compilePrivacy } from './privacy';
import type { PrivacySettings, RulesSettings } from './rule';

/** @returns the very same value when nothing must go. */
export const withoutPrivate = (value: unknown, { privacy }: RulesSettings): unknown => {
  const clean = cleanOf(privacy);
  return clean === undefined ? value : clean(value);
};

/** Compiled once, and kept with the settings object. Undefined when nothing is kept back. */
export const cleanOf = (privacy: PrivacySettings | undefined): Clean | undefined => {
  if (privacy === undefined) return undefined;
  const known = compiled.get(privacy);
  if (known !== undefined) return known.clean;
  const clean = compilePrivacy(privacy);
  compiled.set(privacy, { clean });
  return clean;
};

const compiled = new WeakMap<PrivacySettings, { readonly clean: Clean | undefined }>();
