// What the rules of a source, and then code of the user's own, make of an event before the mapping sees it. Pure.

import { isObject, type JsonObject } from '../json/json-object';
import { applyRules, type Note, type Ruled } from '../rules/apply-rules';
import { rulesOf } from '../rules/compile';
import type { RulesSettings } from '../rules/rule';
import { type Custom, custom } from './custom';

export type ShapingSettings = RulesSettings & { readonly name: string };

export type Shaped =
  /** Nearly always one; as many as the user's own code makes of it. */
  | { readonly outcome: 'events'; readonly events: readonly unknown[] }
  | Extract<Ruled, { outcome: 'skipped' }>;

/** @param note is told of every rule that did something. */
export const shapeEvent = (
  event: unknown,
  settings: ShapingSettings,
  note?: Note,
  ownCode: Custom = custom,
): Shaped => {
  const ruled = applyRules(event, rulesOf(settings), note);
  if (ruled.outcome === 'skipped') return ruled;
  const events = isObject(ruled.event) ? runCustom(ruled.event, settings, ownCode, note) : [ruled.event];
  return { outcome: 'events', events };
};

/** Name under which code of the user's own notes what it did. */
const CUSTOM = 'custom';

const runCustom = (
  event: JsonObject,
  { name }: ShapingSettings,
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
