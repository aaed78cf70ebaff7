// docs/rules.md is true: what it shows is taken by the settings, and its tables and lists are those of the code.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_DENY_LIST } from '../../lib/rules/privacy';
import { ACTIONS } from '../../lib/rules/rule';
import { parseSources } from '../support/sources';

const ROOT = path.join(__dirname, '../..');
const page = readFileSync(path.join(ROOT, 'docs/rules.md'), 'utf8');
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json));

const sourceWith = (settings: object) => {
  const required = { name: 'n', writeKey: 'w', siteId: 's', apiKey: 'k', hashSalt: 'a salt of the docs' };
  return parseSources(JSON.stringify([{ ...required, ...settings }]))[0];
};

it.each(examples)('shows what the settings take: %j', (example) => {
  expect(sourceWith('name' in example ? { rules: [example] } : example)).toBeDefined();
});

it('has a row for every action', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name = '']) => name);

  expect(rows.slice(0, ACTIONS.length)).toEqual([...ACTIONS]);
});

it('lists the default deny list', () => {
  const [, list = ''] = /The default list: ([\s\S]*?)\.\n/.exec(page) ?? [];

  expect([...list.matchAll(/`(\w+)`/g)].map(([, key]) => key)).toEqual([...DEFAULT_DENY_LIST]);
});

it('says of privacy and consent the defaults the code has', () => {
  const source = sourceWith({ privacy: {}, consent: { require: ['Ads'] } });
  const rows = [...page.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\|/gm)].map(([, field, value]) => [
    field,
    value,
  ]);

  expect(rows.map(([field]) => field)).toEqual(['onMissing', ...Object.keys(source?.privacy ?? {})]);
  const settings: Record<string, unknown> = { ...source?.privacy, ...source?.consent };
  for (const [field = '', value] of rows) {
    const inCode = settings[field];
    expect([field, typeof inCode === 'string' ? inCode : JSON.stringify(inCode)]).toEqual([field, value]);
  }
});

it('links to what exists', () => {
  const links = [...page.matchAll(/\]\(([^)#]+)/g)].map(([, target = '']) => target);

  expect(links.filter((link) => !existsSync(path.join(ROOT, 'docs', link)))).toEqual([]);
});
