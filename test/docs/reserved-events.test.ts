import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RESERVED_EVENTS } from '../../lib/mapping/reserved-events';

const page = readFileSync(path.join(__dirname, '../../docs/reserved-events.md'), 'utf8');

it('has a row for each reserved event, in the words of the code', () => {
  const [, table = ''] = page.split('\n## The names\n');
  const rows = [...table.matchAll(/^\| `([A-Z][A-Za-z ]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map(
    ([, ...row]) => row,
  );

  expect(rows).toEqual([...RESERVED_EVENTS].map(([name, { needs, becomes }]) => [name, needs, becomes]));
});
