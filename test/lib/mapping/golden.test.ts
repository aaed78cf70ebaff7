// The catalogue of the mapping: one folder per rule under test/golden, with the event, the settings where they
// matter, and what becomes of it. The expected files are written from the contract, never copied from output.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { REASONS } from '../../../lib/errors';
import { translate } from '../../../lib/mapping/translate';
import type { MappingSettings } from '../../../lib/mapping/translation';
import { metricSchema, operationSchema } from '../../support/operation-schema';
import { parseSources } from '../../support/sources';

const GOLDEN = path.join(__dirname, '../../golden');
const OUTCOMES = ['operations', 'metric', 'skipped', 'rejected'] as const;

const read = (rule: string, file: string): unknown =>
  JSON.parse(readFileSync(path.join(GOLDEN, rule, `${file}.json`), 'utf8'));

const has = (rule: string, file: string): boolean => existsSync(path.join(GOLDEN, rule, `${file}.json`));

/** As the settings of a source would have them: with every default, and without a mistake. */
const settingsOf = (rule: string): MappingSettings => {
  const given = has(rule, 'settings') ? (read(rule, 'settings') as object) : {};
  const [source] = parseSources(
    JSON.stringify([{ name: 'golden', writeKey: 'w', siteId: 's', apiKey: 'a', ...given }]),
  );
  if (source === undefined) throw new Error('There is no source.');
  return source;
};

const rules = readdirSync(GOLDEN);

describe('the golden catalogue', () => {
  it.each(rules)('%s', (rule) => {
    const expected = OUTCOMES.filter((outcome) => has(rule, outcome));

    const translation = translate(read(rule, 'event'), settingsOf(rule));

    expect(expected).toEqual([translation.outcome]);
    if (translation.outcome === 'operations') {
      // As JSON, because that is what is sent; and as text, because a key `__proto__` is invisible to toEqual.
      expect(sortKeys(translation.operations)).toBe(sortKeys(read(rule, 'operations')));
      expect(translation.adjustments).toEqual(
        has(rule, 'adjustments') ? read(rule, 'adjustments') : undefined,
      );
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
