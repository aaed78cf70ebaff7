// What becomes of an event by what its person has agreed to: it may pass, with their preferences where the settings want
// them, or it may not.

import { isObject, type JsonObject } from '../json/json-object';
import { hasConsent, idsIn, isPreferenceEvent, preferencesIn } from './consent-answer';
import { compileSet, draftOf, put } from './draft';
import { withOwnTraits } from './own-traits';
import { childOf } from './paths';
import { asRefusal } from './refusal';
import type { ConsentSettings } from './rule';

/** The attribute that holds the preferences unless the settings name another, as in Segment's documents. */
const PREFERENCE_ATTRIBUTE = 'categoryPreferences';

export type ConsentVerdict =
  | { readonly kind: 'refused' }
  /** It may pass; `event` is another one where preferences were written into it. */
  | { readonly kind: 'granted'; readonly event: JsonObject };

export type ConsentCheck = (event: JsonObject) => ConsentVerdict;

export const compileConsent =
  (settings: ConsentSettings): ConsentCheck =>
  (event) => {
    const isGranted = hasConsent(event, settings);
    if (isPreferenceEvent(event)) return granted(withPreferences(event, isGranted, settings));
    return isGranted ? granted(withPreferenceTrait(event, settings)) : { kind: 'refused' };
  };

const granted = (event: JsonObject): ConsentVerdict => ({ kind: 'granted', event });

/**
 * Writes the preferences into the event, which carries its news in the context alone: no operation has the context.
 * A refused event says what was refused and nothing else.
 */
const withPreferences = (event: JsonObject, isGranted: boolean, settings: ConsentSettings): JsonObject => {
  const base = isGranted ? event : asRefusal(event);
  return withPreferencesAt(base, 'properties', settings.attribute ?? PREFERENCE_ATTRIBUTE);
};

const withPreferenceTrait = (event: JsonObject, { attribute }: ConsentSettings): JsonObject =>
  attribute === undefined || event['type'] !== 'identify'
    ? event
    : withPreferencesAt(event, 'traits', attribute);

/** What the sender wrote there itself stays. */
const withPreferencesAt = (
  event: JsonObject,
  part: 'properties' | 'traits',
  attribute: string,
): JsonObject => {
  const preferences = preferencesOf(event['context']);
  const whole = withOwnTraits(event);
  if (preferences === undefined || childOf(whole[part], attribute) !== undefined) return event;
  const draft = draftOf(whole);
  compileSet([part, attribute], preferences)(draft);
  return draft.event;
};

/** The preferences, by category: yes or no. */
const preferencesOf = (context: unknown): JsonObject | undefined => {
  const preferences = preferencesIn(childOf(context, 'consent'));
  if (isObject(preferences)) return preferences;
  const management = childOf(context, 'consentManagement');
  if (!isObject(management)) return undefined;
  const answers: Record<string, unknown> = {};
  for (const id of idsIn(management['allowedConsentIds']) ?? []) put(answers, id, true);
  for (const id of idsIn(management['deniedConsentIds']) ?? []) put(answers, id, false);
  return answers;
};
