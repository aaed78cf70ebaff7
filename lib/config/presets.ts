// What other products do that send Segment events to Customer.io, as settings of ours: for a source that comes from
// one of them. The rule: only what its product does otherwise than our defaults; docs/migrating.md is tested against it.

import { isObject } from '../json/json-object';

export const PRESET_NAMES = ['segment-classic', 'segment-actions', 'rudderstack'] as const;

export type PresetName = (typeof PRESET_NAMES)[number];

export const PRESETS: Readonly<Record<PresetName, Readonly<Record<string, string | boolean>>>> = {
  /** Events of known people alone; `_last_visit` with each visit; groups on the person. */
  'segment-classic': { anonymousEvents: 'skip', lastVisit: true, groups: 'person_attributes' },
  /** Customer.io's own screen views, and pages by their URL. */
  'segment-actions': { screens: 'screen', pageName: 'url' },
  /** Dates stay as they are, and the address is taken apart. */
  rudderstack: { convertTimestamps: false, flattenAddress: true },
};

/** The source with what its preset says, where it says nothing itself. */
export const withPreset = (candidate: unknown): unknown => {
  if (!isObject(candidate)) return candidate;
  const name = PRESET_NAMES.find((known) => known === candidate['preset']);
  return name === undefined ? candidate : { ...PRESETS[name], ...candidate };
};
