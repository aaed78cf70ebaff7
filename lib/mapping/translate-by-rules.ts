// From an event as it came to what its source delivers: the source's rules, then code of the user's own, then the
// mapping. Pure, as all of them are.

import type { Note } from '../rules/apply-rules';
import type { Custom } from './custom';
import { type ShapingSettings, shapeEvent } from './shape-event';
import { translate } from './translate';
import type { MappingSettings, Translation } from './translation';

type Translated = Extract<Translation, { outcome: 'operations' | 'metric' }>;

/** An event as the rules left it, and what it became. */
export type RuledPart = Translated & { readonly event: unknown };

export type RuledTranslation =
  | { readonly outcome: 'operations'; readonly parts: readonly RuledPart[] }
  | Exclude<Translation, Translated>;

export type TranslationSettings = MappingSettings & ShapingSettings;

/**
 * @param note is told of every rule that did something.
 * @returns one part for each event that the user's own code makes of it, else one. An event of which a part is
 * rejected is so as a whole, because a dead letter replays all of it.
 */
export const translateByRules = (
  event: unknown,
  settings: TranslationSettings,
  note?: Note,
  ownCode?: Custom,
): RuledTranslation => {
  const shaped = shapeEvent(event, settings, note, ownCode);
  return shaped.outcome === 'skipped' ? shaped : translateAll(shaped.events, settings);
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
