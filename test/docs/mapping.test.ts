// docs/mapping.md is written from the golden cases. A change of a case without `npm run docs:mapping` fails here.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mappingPage, ruleNames } from '../../infra/docs/mapping-page';
import { SECTIONS, sectionOf } from '../../infra/docs/mapping-sections';
import { printJson } from '../../infra/docs/print-json';

const ROOT = path.join(__dirname, '../..');
const page = readFileSync(path.join(ROOT, 'docs/mapping.md'), 'utf8');

it('says what the golden cases show; `npm run docs:mapping` writes it anew', () => {
  expect(page).toBe(mappingPage());
});

it('has every rule, in exactly one section', () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading.replaceAll(' ', '-'));

  expect(headings.sort()).toEqual(ruleNames());
  expect(ruleNames().filter((rule) => sectionOf(rule) === undefined)).toEqual([]);
});

it('links to pages that exist', () => {
  const links = [...page.matchAll(/\]\(([^)#:]+)(?:#[\w-]+)?\)/g)].map(([, target = '']) => target);

  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(path.join(ROOT, 'docs', link)))).toEqual([]);
});

it('has sections with a name of their own', () => {
  expect(new Set(SECTIONS.map(({ title }) => title)).size).toBe(SECTIONS.length);
});

describe('JSON for a reader', () => {
  it.each([
    [{ a: 1, b: [true, null], c: {} }, '{ "a": 1, "b": [true, null], "c": {} }'],
    ['x'.repeat(200), '"xxxxxxxxxxxxxxxxxxxx… (200 bytes)"'],
    [[], '[]'],
  ])('%j is on one line', (value, printed) => {
    expect(printJson(value)).toBe(printed);
  });

  it('fills its lines, and keeps what is long apart', () => {
    const long = { first: 'x'.repeat(60), second: 'y'.repeat(60) };

    expect(printJson({ a: 1, long, b: 2, c: 3 })).toBe(
      [
        '{ "a": 1,',
        `  "long": { "first": "${long.first}",`,
        `    "second": "${long.second}" },`,
        '  "b": 2, "c": 3 }',
      ].join('\n'),
    );
  });

  it('has the first and the last of very many', () => {
    expect(printJson(Array.from({ length: 30 }, (_, index) => index))).toBe(
      '[0, 1, 2, … (24 more), 27, 28, 29]',
    );
  });
});
