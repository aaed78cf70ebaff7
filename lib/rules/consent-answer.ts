// What an event says of its person's consent: Segment's `context.consent.categoryPreferences`, RudderStack's
// `context.consentManagement`, or both. The rule: only a plain yes is a yes; what cannot be read is a no. Pages read it
// too, where they deliver events themselves.

import { isObject, type JsonObject } from '../json/json-object';
import { childOf } from './paths';
import type { ConsentSettings } from './rule';

/** A yes, a no, or undefined: nothing is said of it. */
type ConsentAnswer = boolean | undefined;

/** Where both speak, neither may say no; where none does, the setting has the word. */
export const hasConsent = ({ context }: JsonObject, settings: ConsentSettings): boolean => {
  const answers = [
    answerOfSegment(childOf(context, 'consent'), settings),
    answerOfRudderStack(childOf(context, 'consentManagement'), settings),
  ];
  if (answers.includes(false)) return false;
  return answers.includes(true) || settings.onMissing === 'deliver';
};

/**
 * The event by which Segment's SDKs and wrappers tell of a change, by the names it has had. Segment sends it to
 * its destinations whatever the person agreed to, so that they learn of a refusal.
 */
const PREFERENCE_EVENTS: ReadonlySet<string> = new Set([
  'Segment Consent Preference Updated',
  'Segment Consent Preference Updated Event',
  'Segment Consent Preference',
]);

export const isPreferenceEvent = ({ type, event }: JsonObject): boolean =>
  type === 'track' && typeof event === 'string' && PREFERENCE_EVENTS.has(event.trim());

/** Something is said, in no form that is known. PHP writes an empty object as `[]`. */
const isUnreadable = (said: unknown): boolean =>
  said !== undefined && said !== null && !isObject(said) && !(Array.isArray(said) && said.length === 0);

/** A category that is not among the preferences is refused, as it is at Segment. */
const answerOfSegment = (consent: unknown, settings: ConsentSettings): ConsentAnswer => {
  if (isUnreadable(consent)) return false;
  const preferences = preferencesIn(consent);
  if (preferences === undefined || preferences === null) return undefined;
  const answers = settings.require.map((category) => childOf(preferences, category) === true);
  return !Array.isArray(preferences) && join(answers, settings.resolution);
};

/** Segment's SDK for Kotlin writes it in the singular. */
export const preferencesIn = (consent: unknown): unknown =>
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
export const idsIn = (list: unknown): ReadonlySet<string> | undefined => {
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
