// The catalogue of the mapping: one folder per rule under test/golden, with the event, the settings where they
// matter, and what becomes of it. The expected files are written from the contract, never copied from output.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withPreset } from '../../../lib/config/presets';
import { sourceSchema } from '../../../lib/config/source';
import { REASONS } from '../../../lib/errors';
import { type TranslationSettings, translateByRules } from '../../../lib/mapping/translate-by-rules';
import { metricSchema, operationSchema } from '../../support/operation-schema';

const GOLDEN = path.join(__dirname, '../../golden');
const REQUIRED = { name: 'golden', writeKey: 'w', siteId: 's', apiKey: 'k' };
const OUTCOMES = ['operations', 'metric', 'skipped', 'rejected'] as const;

const read = (rule: string, file: string): unknown =>
  JSON.parse(readFileSync(path.join(GOLDEN, rule, `${file}.json`), 'utf8'));

const has = (rule: string, file: string): boolean => existsSync(path.join(GOLDEN, rule, `${file}.json`));

const settingsOf = (rule: string): TranslationSettings =>
  sourceSchema.parse(
    withPreset({ ...REQUIRED, ...(has(rule, 'settings') ? Object(read(rule, 'settings')) : {}) }),
  );

const rules = readdirSync(GOLDEN);

describe('the golden catalogue', () => {
  it.each(rules)('%s', (rule) => {
    const expected = OUTCOMES.filter((outcome) => has(rule, outcome));

    const translation = translateByRules(read(rule, 'event'), settingsOf(rule));

    const [part] = translation.outcome === 'operations' ? translation.parts : [];
    expect(expected).toEqual([part?.outcome ?? translation.outcome]);
    if (part?.outcome === 'operations') {
      // As JSON, because that is what is sent; and as text, because a key `__proto__` is invisible to toEqual.
      expect(sortKeys(part.operations)).toBe(sortKeys(read(rule, 'operations')));
      expect(part.adjustments).toEqual(has(rule, 'adjustments') ? read(rule, 'adjustments') : undefined);
    } else if (part !== undefined) {
      const { metric, timestampMs } = part;
      expect({ metric, timestampMs }).toStrictEqual(read(rule, 'metric'));
    } else {
      const { outcome, ...rest } = translation;
      expect(rest).toEqual(read(rule, outcome));
    }
  });

  it.each(rules.filter((rule) => has(rule, 'operations')))(
    '%s expects what Customer.io documents',
    (rule) => {
      const operations = read(rule, 'operations') as unknown[];

      for (const operation of operations) expect(operationSchema.safeParse(operation).error).toBeUndefined();
    },
  );

  it.each(rules.filter((rule) => has(rule, 'metric')))(
    '%s expects what the metrics endpoint takes',
    (rule) => {
      const { metric } = read(rule, 'metric') as { metric: unknown };

      expect(metricSchema.safeParse(metric).error).toBeUndefined();
    },
  );

  it.each(rules.filter((rule) => has(rule, 'rejected')))('%s names a documented reason', (rule) => {
    expect(Object.keys(REASONS)).toContain((read(rule, 'rejected') as { reason: string }).reason);
  });
});

/** JSON with its keys in order: two values with the same text are the same whatever their keys' order was. */
const sortKeys = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    2,
  );
