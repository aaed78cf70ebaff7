// Attributes against Customer.io's limits, for every set of them: what is sent fits, what fits is sent as it came,
// and the notes name exactly what is not.

import fc from 'fast-check';
import { type AttributeLimits, fitAttributes } from '../../lib/mapping/fit-attributes';
import type { MappingSettings } from '../../lib/mapping/translation';
import { anyCharacter } from '../support/any-character';
import { runs } from '../support/property-runs';

const LIMITS: AttributeLimits = { attributes: 6, attributeNameBytes: 12, attributeValueBytes: 20 };
const settingsFor = (oversizedAttributes: 'drop' | 'truncate'): MappingSettings => ({
  workspaceIdentifiers: 'email_or_id',
  convertTimestamps: true,
  oversizedAttributes,
  limits: LIMITS,
});

const RESERVED = ['id', 'email', 'created_at', 'unsubscribed'];
const name = fc.oneof(
  fc.constantFrom(...RESERVED, '__proto__', 'constructor'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const value = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 24 }),
  fc.constantFrom<unknown>(null, true, 7, ['x'.repeat(30)], { note: 'x'.repeat(30) }),
);
const attributesOf = fc
  .dictionary(name, value, { maxKeys: 9 })
  .map((given) => JSON.parse(JSON.stringify(given)));
const mode = fc.constantFrom('drop' as const, 'truncate' as const);

const bytes = (text: string): number => Buffer.byteLength(text);
const fits = ([key, content]: [string, unknown]): boolean =>
  bytes(key) <= LIMITS.attributeNameBytes &&
  (typeof content !== 'string' || bytes(content) <= (key === 'id' ? 150 : LIMITS.attributeValueBytes));

it('What is sent fits, and its order is that of the event', () => {
  fc.assert(
    fc.property(attributesOf, mode, (given, oversized) => {
      const { attributes } = fitAttributes(given, settingsFor(oversized));

      expect(Object.entries(attributes).filter((entry) => !fits(entry))).toEqual([]);
      expect(Object.keys(attributes).length).toBeLessThanOrEqual(LIMITS.attributes);
      expect(Object.keys(attributes)).toEqual(
        Object.keys(given).filter((key) => Object.hasOwn(attributes, key)),
      );
    }),
    { numRuns: runs(1_000) },
  );
});

it('What fits is sent as it came, but for a surplus of which none is reserved', () => {
  fc.assert(
    fc.property(attributesOf, mode, (given, oversized) => {
      const { attributes } = fitAttributes(given, settingsFor(oversized));
      const lost = Object.entries(given).filter(
        (entry) => fits(entry) && !Object.hasOwn(attributes, entry[0]),
      );

      for (const [key, content] of Object.entries(given).filter(fits)) {
        if (Object.hasOwn(attributes, key)) expect(attributes[key]).toBe(content);
      }
      if (lost.length > 0) expect(Object.keys(attributes)).toHaveLength(LIMITS.attributes);
      expect(lost.filter(([key]) => RESERVED.includes(key))).toEqual([]);
    }),
    { numRuns: runs(1_000) },
  );
});

it('The notes name what is missing and what is shorter, and nothing else', () => {
  fc.assert(
    fc.property(attributesOf, mode, (given, oversized) => {
      const { attributes, adjustments } = fitAttributes(given, settingsFor(oversized));
      const changes = Object.keys(given).flatMap((attribute) => {
        if (!Object.hasOwn(attributes, attribute)) return [{ attribute, did: 'dropped' }];
        return attributes[attribute] === given[attribute] ? [] : [{ attribute, did: 'cut' }];
      });
      const sorted = (notes: readonly object[]): string[] => notes.map((note) => JSON.stringify(note)).sort();

      expect(sorted(adjustments)).toEqual(sorted(changes));
      if (adjustments.length === 0) expect(attributes).toBe(given);
      if (oversized === 'drop') expect(adjustments.filter(({ did }) => did === 'cut')).toEqual([]);
    }),
    { numRuns: runs(1_000) },
  );
});
