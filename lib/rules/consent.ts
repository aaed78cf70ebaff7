// Whether a person has agreed, as the event says: Segment's `context.consent.categoryPreferences`, RudderStack's
// `context.consentManagement`, or both. The rule: only a plain yes is a yes; what cannot be read is a no.

import { isObject, type JsonObject } from '../json/json-object';
import { compileSet, draftOf, put } from './draft';
import { withOwnTraits } from './own-traits';
import { childOf } from './paths';
import { asRefusal } from './refusal';
import { nameOf } from './routing';
import type { ConsentSettings } from './rule';

/** A yes, a no, or undefined: nothing is said of it. */
type ConsentAnswer = boolean | undefined;

/**
 * The event by which Segment's SDKs and wrappers tell of a change, by the names it has had. Segment sends it to
 * its destinations whatever the person agreed to, so that they learn of a refusal.
 */
const PREFERENCE_EVENTS: ReadonlySet<unknown> = new Set([
  'Segment Consent Preference Updated',
  'Segment Consent Preference Updated Event',
  'Segment Consent Preference',
]);

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
    const isGranted = hasAgreed(event['context'], settings);
    if (isPreferenceEvent(event)) return granted(withPreferences(event, isGranted, settings));
    return isGranted ? granted(withPreferenceTrait(event, settings)) : { kind: 'refused' };
  };

const granted = (event: JsonObject): ConsentVerdict => ({ kind: 'granted', event });

/** Something is said, in no form that is known. PHP writes an empty object as `[]`. */
const isUnreadable = (said: unknown): boolean =>
  said !== undefined && said !== null && !isObject(said) && !(Array.isArray(said) && said.length === 0);

/** Where both speak, neither may say no; where none does, the setting has the word. */
const hasAgreed = (context: unknown, settings: ConsentSettings): boolean => {
  const answers = [
    answerOfSegment(childOf(context, 'consent'), settings),
    answerOfRudderStack(childOf(context, 'consentManagement'), settings),
  ];
  if (answers.includes(false)) return false;
  return answers.includes(true) || settings.onMissing === 'deliver';
};

/** A category that is not among the preferences is refused, as it is at Segment. */
const answerOfSegment = (consent: unknown, settings: ConsentSettings): ConsentAnswer => {
  if (isUnreadable(consent)) return false;
  const preferences = preferencesIn(consent);
  if (preferences === undefined || preferences === null) return undefined;
  const answers = settings.require.map((category) => childOf(preferences, category) === true);
  return !Array.isArray(preferences) && join(answers, settings.resolution);
};

/** Segment's SDK for Kotlin writes it in the singular. */
const preferencesIn = (consent: unknown): unknown =>
  childOf(consent, 'categoryPreferences') ?? childOf(consent, 'categoryPreference');

const answerOfRudderStack = (management: unknown, settings: ConsentSettings): ConsentAnswer => {
  const { require, provider, resolution } = settings;
  if (isUnreadable(management)) return false;
  if (!isObject(management) || isOfAnother(management, provider)) return undefined;
  const allowed = idsIn(management['allowedConsentIds']);
  const denied = idsIn(management['deniedConsentIds']);
  if (allowed === undefined || denied === undefined) return false;
  const answers = require.map((id) => answerTo(id, allowed, denied));
  return join(answers, resolution ?? management['resolutionStrategy']);
};

const isOfAnother = (management: JsonObject, provider: string | undefined): boolean =>
  provider !== undefined && management['provider'] !== provider;

/** The answer for one consent id, as at RudderStack: who lists only what is denied allows the rest. */
const answerTo = (id: string, allowed: ReadonlySet<string>, denied: ReadonlySet<string>): ConsentAnswer => {
  if (denied.has(id)) return false;
  if (allowed.has(id)) return true;
  return allowed.size === 0 && denied.size > 0 ? true : undefined;
};

/**
 * Texts and numbers of a list, or the keys of an object, as older SDKs write it; undefined for anything else. Blanks
 * around one say nothing, as at RudderStack.
 */
const idsIn = (list: unknown): ReadonlySet<string> | undefined => {
  if (list === undefined || list === null) return new Set();
  const ids = isObject(list) ? Object.keys(list) : list;
  if (!Array.isArray(ids)) return undefined;
  return new Set(ids.map((id) => String(id).trim()).filter((id) => id !== ''));
};

/** What RudderStack's newer SDKs write for `or`; for `and` it is `all`. */
const ONE_IS_ENOUGH: readonly unknown[] = ['or', 'any'];

/** A yes decides where one is enough, else a no. */
const join = (answers: readonly ConsentAnswer[], resolution: unknown): ConsentAnswer => {
  const decisive = ONE_IS_ENOUGH.includes(resolution);
  if (answers.includes(decisive)) return decisive;
  return answers.includes(undefined) ? undefined : !decisive;
};

const isPreferenceEvent = (event: JsonObject): boolean =>
  event['type'] === 'track' && PREFERENCE_EVENTS.has(nameOf(event));

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
