// docs/rules.md is true: what it shows is taken by the settings, and its tables and lists are those of the code.

import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { translateByRules } from '../../lib/mapping/translate-by-rules';
import { DEFAULT_DENY_LIST } from '../../lib/rules/privacy';
import { ACTIONS } from '../../lib/rules/rule';
import { parseSources } from '../support/sources';

const ROOT = path.join(__dirname, '../..');
const page = readFileSync(path.join(ROOT, 'docs/rules.md'), 'utf8');
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json));

const SALT = 'a long random string';

const sourceWith = (settings: object) => {
  const required = { name: 'n', writeKey: 'w', siteId: 's', apiKey: 'k', hashSalt: SALT };
  return parseSources(JSON.stringify([{ ...required, ...settings }]))[0];
};

it.each(examples)('shows what the settings take: %j', (example) => {
  expect(sourceWith('name' in example ? { rules: [example] } : example)).toBeDefined();
});

/** Of each recipe: an event, and what must become of it. */
const track = (fields: object) => ({ type: 'track', userId: 'u1', event: 'Order Completed', ...fields });
const identify = (traits: object, fields: object = {}) => ({
  type: 'identify',
  userId: 'u1',
  traits,
  ...fields,
});
const inApp = (environment: string) => ({ context: { app: { environment, version: '4.2' } } });

const hashOf = (text: string): string => hash('sha256', `${SALT}${text}`, 'hex');

/** Attributes, or the name of the rule that skips it; `userId` of the person where it is not u1. */
type RecipeCase = readonly [event: object, becomes: object | string, userId?: string];

const RECIPES: Readonly<Record<string, readonly RecipeCase[]>> = {
  'Only production': [
    [track(inApp('production')), {}],
    [track(inApp('staging')), 'only production'],
    [track({}), 'only production'],
  ],
  'Only these events': [
    [track({}), {}],
    [track({ event: 'Viewed' }), 'only these'],
    [identify({ plan: 'pro' }), { plan: 'pro' }],
  ],
  'No test users': [
    [identify({ email: 'a@test.example.com' }), 'no test users'],
    [track({ context: { traits: { email: 'a@test.example.com' } } }), 'no test users'],
    [track({ userId: 'qa-2' }), 'no test users'],
    [track({}), {}],
  ],
  'The email hashed': [
    [identify({ email: ' Ada@Example.com' }), { email: hashOf('ada@example.com') }],
    [track({ properties: { email: 'ada@example.com' } }), { email: hashOf('ada@example.com') }],
    [track({ userId: 'ada@example.com', properties: { n: 1 } }), { n: 1 }, hashOf('ada@example.com')],
  ],
  'No addresses of the internet': [
    [track({ context: { ip: '192.0.2.7' }, properties: { ip: '192.0.2.7', total: 1 } }), { total: 1 }],
  ],
  'The version of the app with every event': [[track(inApp('production')), { app_version: '4.2' }]],
  'No event says whom a message goes to': [
    [
      track({ properties: { recipient: 'r', from_address: 'f', reply_to: 't', total: 1 } }),
      { order_recipient: 'r', order_from_address: 'f', order_reply_to: 't', total: 1 },
    ],
    [identify({ recipient: 'r' }), { recipient: 'r' }],
  ],
  'EU people to the EU workspace': [
    [track({ context: { timezone: 'Europe/Oslo' } }), {}],
    [track({ context: { timezone: 'America/Lima' } }), 'only the EU'],
  ],
};

const recipes = [...page.matchAll(/^\*\*([^*]+?)\.?\*\*[^`]*(?:`[^`]+`[^`]*)*?```json\n([\s\S]*?)```/gm)].map(
  ([, title = '', json = '']) => [title, JSON.parse(json)] as const,
);

it('has a case for every recipe', () => {
  expect(recipes.map(([title]) => title)).toEqual(Object.keys(RECIPES));
});

it.each(recipes)('does what the recipe says: %s', (title, example) => {
  const source = sourceWith('name' in example ? { rules: [example] } : example);
  if (source === undefined) throw new Error('The settings do not take the recipe.');

  for (const [event, becomes, id = 'u1'] of RECIPES[title] ?? []) {
    const sent = { messageId: 'm1', timestamp: '2026-03-01T00:00:00Z', ...event };
    const translation = translateByRules(sent, source);
    const [part] = translation.outcome === 'operations' ? translation.parts : [];
    const [operation] = part?.outcome === 'operations' ? part.operations : [];
    const became = translation.outcome === 'skipped' ? translation.rule : operation;
    expect(became).toEqual(
      typeof becomes === 'string'
        ? becomes
        : expect.objectContaining({ identifiers: { id }, attributes: becomes }),
    );
  }
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
