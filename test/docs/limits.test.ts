// docs/limits.md says what the code holds to.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sourceSchema } from '../../lib/config/source';
import * as limits from '../../lib/customerio/limits';

const page = readFileSync(path.join(__dirname, '../../docs/limits.md'), 'utf8');

it('names every limit with its number', () => {
  const rows = [...page.matchAll(/^\| `(MAX_\w+)` +\| (\d+) +\|/gm)].map(([, name, value]) => [
    name,
    Number(value),
  ]);

  expect(Object.fromEntries(rows)).toEqual(limits);
});

it('names every value of oversizedAttributes', () => {
  const [, table = ''] = page.split('`oversizedAttributes` of a source decides.');
  const values = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, value]) => value);
  const accepts = (value: string | undefined): boolean =>
    sourceSchema.shape.oversizedAttributes.safeParse(value).success;

  expect(values).toEqual(['drop', 'truncate', 'reject', 'send']);
  expect(values.filter((value) => !accepts(value))).toEqual([]);
});
