import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const [, table = ''] = page.split('### Where do I change …');
/** Without the heading of the table. */
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1);

it('says of each question where its answer stands, in files that exist', () => {
  const paths = rows.flatMap((row) => [...row.matchAll(/`([\w./-]+)`/g)].map(([, path = '']) => path));
  const inTree = paths.filter((path) => path.includes('/') || /^[A-Za-z]+\.(md|yml)$/.test(path));

  expect(rows.filter((row) => !row.startsWith('| --'))).toHaveLength(16);
  expect(inTree.length).toBeGreaterThan(16);
  expect(inTree.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
