// What would become of an event, and which rule had what part in it: for the console and the command line, which
// show it before anything is deployed. Pure, and the same code that delivers.

import type { RuleStep } from '../rules/apply-rules';
import { type RuledTranslation, type TranslationSettings, translateByRules } from './translate-by-rules';

export interface Explanation {
  /** The operations, or why there are none. They are the event's own: for the eyes of whoever sent it. */
  readonly outcome: RuledTranslation;
  /** In the order in which they acted; only those that did something. Nothing in them is the event's. */
  readonly steps: readonly RuleStep[];
}

/** @param event any JSON value, with `messageId` and `timestamp` as a door fills them in. */
export const explain = (event: unknown, settings: TranslationSettings): Explanation => {
  const steps: RuleStep[] = [];
  const outcome = translateByRules(event, settings, (step) => steps.push(step));
  return { outcome, steps };
};
