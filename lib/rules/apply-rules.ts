// What a source's own rules make of an event: another event, or a reason why it goes nowhere. The order is consent,
// privacy, routing, shaping. Consent first: without it nothing else is of any interest. Privacy next: what must not
// leave is as if it had never been sent, to every rule, so that a dead letter that was cleaned meets the same fate.

import { isObject, type JsonObject } from '../json/json-object';
import type { CompiledRules, Plan } from './compile';
import { draftOf } from './draft';
import { withOwnTraits } from './own-traits';
import { nameOf } from './routing';

/** What a rule did to an event: its name, and words without any value of the event. */
export interface RuleStep {
  readonly rule: string;
  readonly did: string;
}

/** Told of every rule that did something. */
export type Note = (step: RuleStep) => void;

export type Ruled =
  | { readonly outcome: 'event'; readonly event: unknown }
  | { readonly outcome: 'skipped'; readonly reason: 'consent_refused' }
  | { readonly outcome: 'skipped'; readonly reason: 'excluded_by_rule'; readonly rule: string };

/** Names under which the settings that are no rules note what they did. */
const CONSENT = 'consent';
const PRIVACY = 'privacy';

/**
 * @param event any JSON value; it is never changed. What is no event passes: the mapping says what it is.
 * @returns the very same event when no rule had anything to do.
 */
export const applyRules = (event: unknown, rules: CompiledRules | undefined, note?: Note): Ruled => {
  if (rules === undefined || !isObject(event)) return { outcome: 'event', event };
  const consented = applyConsent(event, rules, note);
  if (consented === undefined) return { outcome: 'skipped', reason: 'consent_refused' };
  const cleaned = applyPrivacy(consented, rules, note);
  const plan = rules.planFor(cleaned['type'], nameOf(cleaned));
  const whole = withOwnTraits(cleaned);
  const rule = excludingRule(whole, plan);
  if (rule === undefined)
    return { outcome: 'event', event: plan.shaping.length === 0 ? cleaned : shape(whole, plan, note) };
  note?.({ rule, did: 'skipped the event' });
  return { outcome: 'skipped', reason: 'excluded_by_rule', rule };
};

/** The event, into which preferences may have been written; undefined when consent is refused. */
const applyConsent = (
  event: JsonObject,
  { checkConsent }: CompiledRules,
  note?: Note,
): JsonObject | undefined => {
  if (checkConsent === undefined) return event;
  const verdict = checkConsent(event);
  if (verdict.kind === 'refused') {
    note?.({ rule: CONSENT, did: 'skipped the event' });
    return undefined;
  }
  if (verdict.event !== event) note?.({ rule: CONSENT, did: 'wrote the preferences into the event' });
  return verdict.event;
};

const applyPrivacy = (event: JsonObject, { clean }: CompiledRules, note?: Note): JsonObject => {
  const cleaned = clean === undefined ? event : clean(event);
  if (cleaned === event || !isObject(cleaned)) return event;
  note?.({ rule: PRIVACY, did: 'removed what never leaves' });
  return cleaned;
};

const excludingRule = (event: JsonObject, { routing }: Plan): string | undefined => {
  for (const { rule, skips } of routing) {
    if (skips === undefined || skips(event)) return rule;
  }
  return undefined;
};

/** Rules select by the event as it came; each shapes what those before it have left. */
const shape = (event: JsonObject, { shaping }: Plan, note?: Note): JsonObject => {
  const draft = draftOf(event);
  for (const { rule, when, edits } of shaping) {
    if (when?.(event) === false) continue;
    for (const { run, did } of edits) {
      if (run(draft)) note?.({ rule, did });
    }
  }
  return draft.event;
};
