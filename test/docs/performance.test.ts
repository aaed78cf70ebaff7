// docs/performance.md names commands that exist, and files that they write.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const docs = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

it('Every command of the page is one of package.json, and runs a file that exists', () => {
  const named = [...docs.matchAll(/`npm run ([\w:]+)/g)].map(([, name = '']) => name);

  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  for (const name of named) {
    const [, file] = /(test\/\S+\.ts)/.exec(scripts[name] ?? '') ?? [];
    if (file !== undefined) expect(readFileSync(join(ROOT, file), 'utf8')).not.toBe('');
  }
});

it('Every report that the page names is written by a bench', () => {
  const reports = new Set([...docs.matchAll(/`reports\/(\w+)\.json`/g)].map(([, name = '']) => name));
  const benches = ['ratios', 'latency', 'cost', 'peers'].map((name) =>
    readFileSync(join(ROOT, `test/bench/${name}.bench.ts`), 'utf8'),
  );

  expect([...reports].sort()).toEqual(['bench', 'cost', 'latency', 'peers']);
  for (const report of reports) expect(benches.join('')).toContain(`writeReport('${report}'`);
});
