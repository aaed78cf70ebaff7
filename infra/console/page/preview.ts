// What would become of a text if it were sent now: the door's normalization, the rules of the source and the mapping,
// the very code that the functions run, in the page. Nothing is sent.

import { PRESETS, withPreset } from '../../../lib/config/presets';
import { readSource } from '../../../lib/config/read-source';
import { labelOf, type Source } from '../../../lib/config/source';
import { unlessUnsendable } from '../../../lib/destinations/customerio/prepare';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { explain } from '../../../lib/mapping/explain';
import type { RuledTranslation } from '../../../lib/mapping/translate-by-rules';
import type { RuleStep } from '../../../lib/rules/apply-rules';
import type { SendTo } from '../contract';
import { atTheDoor, type FaultyEvent, onTheQueue } from './doors';

type Value = string | boolean;

/** Settings of a source that are one of a few words: what stands first is the default. */
export const CHOICES: Readonly<Record<string, readonly [Value, ...Value[]]>> = {
  convertTimestamps: [true, false],
  workspaceIdentifiers: ['email_or_id', 'id', 'email_phone_or_id'],
  screens: ['event', 'screen'],
  pageName: ['name', 'url'],
  groups: ['objects', 'person_attributes'],
  anonymousEvents: ['deliver', 'skip'],
  createPeople: ['always', 'never'],
  deviceEvents: ['lifecycle', 'any'],
  longNames: ['cut', 'reject'],
  oversizedAttributes: ['drop', 'truncate', 'reject', 'send'],
  reservedEvents: [true, false],
  lastVisit: [false, true],
  flattenAddress: [false, true],
  connectionMode: ['cloud', 'device'],
};

/** The name of a choice that sets others. */
export const PRESET = 'preset';
export const PRESET_CHOICES = ['none', ...Object.keys(PRESETS)];

/** What the preset of the settings says of a choice, if it says anything. */
export const presetValue = (settings: JsonObject, name: string): Value | undefined => {
  const { [PRESET]: preset } = settings;
  return Object.entries(PRESETS).find(([known]) => known === preset)?.[1][name];
};

/** One event, for one workspace of the source. */
export interface PreviewedEvent {
  readonly event: unknown;
  /** Where the source has several; empty for one. */
  readonly workspace: string;
  readonly outcome: RuledTranslation | { readonly outcome: 'failed'; readonly problem: string };
  /** What rules, consent, privacy and code of the user's own did. */
  readonly steps: readonly RuleStep[];
  /** Settings that are not the default, and without which something else would become of it. */
  readonly effective: readonly string[];
  /** Settings that, set otherwise, would make something else of it. */
  readonly possible: readonly string[];
}

export type Preview =
  | { readonly ok: true; readonly events: readonly PreviewedEvent[]; readonly more: number }
  | { readonly ok: false; readonly problem: string };

/** @param settings of a source, as they would be written, or a whole source. */
export const preview = (text: string, to: SendTo, settings: JsonObject, nowMs: number): Preview => {
  const body = parseJson(text);
  if (!body.ok) return { ok: false, problem: `This is no JSON: ${body.problem}` };
  const { workspaces, mistakes } = read(settings);
  if (mistakes.length > 0)
    return { ok: false, problem: `The settings have a mistake: ${mistakes.join('; ')}` };
  const taken = to === 'http' ? atTheDoor(text, workspaces, nowMs) : onTheQueue(text, workspaces, nowMs);
  if ('problem' in taken) return taken;
  const events = taken.events.flatMap((one) =>
    'fault' in one
      ? [unread(one)]
      : workspaces.map((source, place) => previewed(one.event, source, settings, place)),
  );
  return { ok: true, events, more: taken.more };
};

/** Of no workspace yet: a door has judged it. */
const unread = ({ raw, fault }: FaultyEvent): PreviewedEvent => ({
  event: raw,
  workspace: '',
  outcome: { outcome: 'rejected', ...fault },
  steps: [],
  effective: [],
  possible: [],
});

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

export const parseJson = (text: string): Parsed => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
};

/** What every source needs and no preview does. A salt of the page's own: hashes are not those of the deployment. */
const FILLED_IN = { siteId: 'preview', apiKey: 'preview', hashSalt: 'a salt for this page alone' };

const parsedSettings = new Map<string, ReturnType<typeof readSource>>();
const MAX_PARSED = 500;

const read = (settings: JsonObject): ReturnType<typeof readSource> => {
  const key = JSON.stringify(settings);
  const known = parsedSettings.get(key);
  if (known !== undefined) return known;
  const result = readSource({ name: 'preview', writeKey: 'preview', ...completed(settings) });
  if (parsedSettings.size >= MAX_PARSED) parsedSettings.clear();
  parsedSettings.set(key, result);
  return result;
};

const completed = (settings: JsonObject): JsonObject => {
  const { destinations } = settings;
  if (!Array.isArray(destinations)) return { ...FILLED_IN, ...settings };
  return {
    ...settings,
    destinations: destinations.map((one: unknown, index) =>
      isObject(one) ? { ...FILLED_IN, siteId: `preview-${index}`, ...one } : one,
    ),
  };
};

const previewed = (event: unknown, source: Source, settings: JsonObject, place: number): PreviewedEvent => {
  const workspace = source.workspace === undefined ? '' : labelOf(source);
  const { outcome, steps } = explained(event, source);
  const now = JSON.stringify(outcome);
  const differs = (otherwise: JsonObject): boolean => {
    const other = read(otherwise).workspaces[place];
    return other !== undefined && JSON.stringify(explained(event, other).outcome) !== now;
  };
  // With several workspaces each has settings of its own, and no one word changes them.
  const isFlat = workspace === '';
  return {
    event,
    workspace,
    outcome,
    steps,
    effective: isFlat ? effectiveIn(settings, differs) : [],
    possible: isFlat ? possibleIn(settings, differs) : [],
  };
};

const explained = (event: unknown, source: Source): Pick<PreviewedEvent, 'outcome' | 'steps'> => {
  try {
    const { outcome, steps } = explain(event, source);
    return { outcome: unlessUnsendable(outcome), steps };
  } catch (error) {
    // Code of the user's own may throw: on the queue the event would wait until it is mended.
    return { outcome: { outcome: 'failed', problem: String(error) }, steps: [] };
  }
};

/** With the preset's own written out. */
const flat = (settings: JsonObject): JsonObject => {
  const { [PRESET]: _, ...written } = withPresetOf(settings);
  return written;
};

const withPresetOf = (settings: JsonObject): JsonObject => {
  const written = withPreset(settings);
  return isObject(written) ? written : settings;
};

/** Rules and their like say themselves what they did. */
const isToldBySteps = (name: string): boolean =>
  ['rules', 'consent', 'privacy', 'hashSalt', PRESET].includes(name);

const effectiveIn = (settings: JsonObject, differs: (otherwise: JsonObject) => boolean): string[] => {
  const written = flat(settings);
  return Object.entries(written).flatMap(([name, value]) => {
    const { [name]: _, ...without } = written;
    if (isToldBySteps(name) || !differs(without)) return [];
    return [
      `${name}: ${JSON.stringify(value)}${Object.hasOwn(settings, name) ? '' : ` (${settings[PRESET]})`}`,
    ];
  });
};

const possibleIn = (settings: JsonObject, differs: (otherwise: JsonObject) => boolean): string[] => {
  const written = flat(settings);
  return Object.entries(CHOICES).flatMap(([name, values]) => {
    const now = Object.hasOwn(written, name) ? written[name] : values[0];
    const others = values.filter((value) => value !== now);
    return others
      .filter((value) => differs({ ...written, [name]: value }))
      .map((value) => `${name}: ${JSON.stringify(value)}`);
  });
};
