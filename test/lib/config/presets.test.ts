// Presets: what a product does that a source comes from. What the source says itself wins.

import { PRESET_NAMES, PRESETS, withPreset } from '../../../lib/config/presets';
import { sourceSchema } from '../../../lib/config/source';
import { parseSources } from '../../support/sources';

const SOURCE = { name: 'shop', writeKey: 'wk', siteId: 'site', apiKey: 'key' };
const parse = (source: object) => parseSources(JSON.stringify([{ ...SOURCE, ...source }]))[0];

it.each(PRESET_NAMES)('%s sets what its product does otherwise, and nothing else', (preset) => {
  expect(parse({ preset })).toEqual({ ...parse({}), ...PRESETS[preset], preset });
});

it.each(PRESET_NAMES)(
  '%s names settings that there are, each with another value than its default',
  (preset) => {
    const defaults = parse({}) as Record<string, unknown>;

    for (const [field, value] of Object.entries(PRESETS[preset])) {
      expect(Object.keys(sourceSchema.shape)).toContain(field);
      expect(defaults[field]).not.toEqual(value);
    }
  },
);

it('What a source sets beside its preset wins, also where that is the default', () => {
  expect(parse({ preset: 'segment-actions', pageName: 'name' })).toMatchObject({
    pageName: 'name',
    screens: 'screen',
  });
});

it.each([
  [null],
  ['rudderstack'],
  [['rudderstack']],
  [{}],
  [{ preset: 'other' }],
  [{ preset: 'toString' }],
  [{ preset: ['rudderstack'] }],
])('%j has no preset and stays as it is', (candidate) => {
  expect(withPreset(candidate)).toBe(candidate);
});
