// From an event as it came to what its source delivers: the source's rules, then code of the user's own, then the
// mapping. Pure, as all of them are.

import { isObject, type JsonObject } from '../json/json-object';
import { applyRules, type Note } from '../rules/apply-rules';
import { rulesOf } from '../rules/compile';
import type { RulesSettings } from '../rules/rule';
import { type Custom, custom } from './custom';
import { translate } from './translate';
import type { MappingSettings, Translation } from './translation';

type Translated = Extract<Translation, { outcome: 'operations' | 'metric' }>;

/** An event as the rules left it, and what it became. */
export type RuledPart = Translated & { readonly event: unknown };

export type RuledTranslation =
  | { readonly outcome: 'operations'; readonly parts: readonly RuledPart[] }
  | Exclude<Translation, Translated>;

export type TranslationSettings = MappingSettings & RulesSettings & { readonly name: string };

/**
 * @param note is told of every rule that did something.
 * @returns one part for each event that the user's own code makes of it, else one. An event of which a part is
 * rejected is so as a whole, because a dead letter replays all of it.
 */
export const translateByRules = (
  event: unknown,
  settings: TranslationSettings,
  note?: Note,
  ownCode: Custom = custom,
): RuledTranslation => {
  const ruled = applyRules(event, rulesOf(settings), note);
  if (ruled.outcome === 'skipped') return ruled;
  const events = isObject(ruled.event) ? runCustom(ruled.event, settings, ownCode, note) : [ruled.event];
  return translateAll(events, settings);
};

/** Name under which code of the user's own notes what it did. */
const CUSTOM = 'custom';

const runCustom = (
  event: JsonObject,
  { name }: TranslationSettings,
  ownCode: Custom,
  note?: Note,
): readonly unknown[] => {
  const made = ownCode(event, { source: name });
  if (made === event) return [event];
  note?.({ rule: CUSTOM, did: 'made something else of the event' });
  return withOwnIds(Array.isArray(made) ? made : [made].filter((one) => one !== undefined));
};

/** Customer.io takes two events with one id for the same, and ignores the second. */
const withOwnIds = (events: readonly JsonObject[]): JsonObject[] => {
  const seen = new Set<unknown>();
  return events.map((event, index) => {
    const { messageId } = event;
    const isRepeated = typeof messageId === 'string' && seen.has(messageId);
    seen.add(messageId);
    return isRepeated ? { ...event, messageId: `${messageId}-${index}` } : event;
  });
};

type Skipped = Extract<Translation, { outcome: 'skipped' }>;

const NOTHING_MADE: Skipped = { outcome: 'skipped', reason: 'custom_code' };

const translateOne = (event: unknown, settings: MappingSettings): RuledTranslation => {
  const translation = translate(event, settings);
  return translation.outcome === 'skipped' || translation.outcome === 'rejected'
    ? translation
    : { outcome: 'operations', parts: [{ ...translation, event }] };
};

/** Nearly always there is one event. Of several that are skipped the first says why. */
const translateAll = (events: readonly unknown[], settings: MappingSettings): RuledTranslation => {
  // Stryker disable next-line ConditionalExpression: only spares the one event the lists
  if (events.length === 1) return translateOne(events[0], settings);
  const parts: RuledPart[] = [];
  const skips: Skipped[] = [];
  for (const event of events) {
    const translation = translate(event, settings);
    if (translation.outcome === 'rejected') return translation;
    if (translation.outcome === 'skipped') skips.push(translation);
    else parts.push({ ...translation, event });
  }
  return parts.length === 0 ? (skips[0] ?? NOTHING_MADE) : { outcome: 'operations', parts };
};
