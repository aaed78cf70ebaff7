import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readPorts } from '../../infra/local/addresses';
import { parseSources } from '../support/sources';

const ROOT = path.join(__dirname, '../..');
const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

it('links to files that exist', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target);

  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !existsSync(path.join(ROOT, link)))).toEqual([]);
});

it('shows a golden case or a page for each claim of ours', () => {
  const [, compared = ''] = /\n## Compared\n(.*?)\n## /s.exec(readme) ?? [];
  const claims = [...compared.matchAll(/^\| (?! *\||-)([^|]+)\|([^|]+)\|/gm)].map(([, , ours = '']) => ours);

  expect(claims.length).toBeGreaterThan(12);
  expect(claims.filter((ours) => !/\]\((test\/golden|docs)\/[\w./-]+\)/.test(ours))).toEqual([]);
});

it('names npm scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run )?(start|test|demo)\b/g)].map(([, name = '']) => name);

  expect(new Set(named)).toEqual(new Set(['start', 'test', 'demo']));
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

it('says of each setting the default the code has', () => {
  const [source] = parseSources(JSON.stringify([{ name: 'n', writeKey: 'w', siteId: 's', apiKey: 'a' }]));
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| `?(\w+(?: region)?)`? +\|/gm)].map(
    ([, field = '', value]) => [field, value],
  );
  const defaults = rows.filter(([, value]) => value !== 'required' && value !== 'by region');

  expect(defaults.map(([field]) => field)).toEqual([
    'region',
    'requestsPerSecond',
    'preset',
    'workspaceIdentifiers',
    'convertTimestamps',
    'integrationNames',
    'allowIdentifiers',
    'longNames',
    'reservedEvents',
    'groups',
    'deviceEvents',
    'connectionMode',
    'screens',
    'pageName',
    'anonymousEvents',
    'createPeople',
    'lastVisit',
    'flattenAddress',
    'oversizedAttributes',
    'rules',
    'archive',
  ]);
  for (const [field, value] of defaults) {
    const inCode = (source as unknown as Record<string, unknown>)[field as string];
    const isNone = inCode === undefined || (Array.isArray(inCode) && inCode.length === 0);
    expect(isNone ? 'none' : String(inCode)).toBe(value);
  }
});

it('shows a source that the settings take', () => {
  const [, example = ''] = /```json\n(\[\{.*\}\])\n```/.exec(readme) ?? [];

  expect(parseSources(example)[0]).toMatchObject({ name: 'website', region: 'eu' });
});

it('names every port with its default', () => {
  for (const [name, port] of Object.entries(readPorts({}))) expect(readme).toContain(`\`${name}\` (${port})`);
});

it('deploys to a region that both commands are told', () => {
  const [, deploy = ''] = readme.split('\n## Deploy\n');

  expect(deploy).toMatch(/^\n```sh\nexport AWS_REGION=(\S+) AWS_DEFAULT_REGION=\1 /);
});
