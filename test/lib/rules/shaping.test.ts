import { createHash } from 'node:crypto';
import { applyRules } from '../../../lib/rules/apply-rules';
import { rulesOf } from '../../../lib/rules/compile';
import type { Rule } from '../../../lib/rules/rule';
import { startCpuClock } from '../../support/cpu';

type Json = Record<string, unknown>;
const SALT = 'salt of the tests';

const shaped = (event: Json, ...rules: Omit<Rule, 'name'>[]): unknown => {
  const named = rules.map((rule, index) => ({ ...rule, name: `rule ${index}` }));
  const ruled = applyRules(event, rulesOf({ rules: named, hashSalt: SALT }));
  return ruled.outcome === 'event' ? JSON.parse(JSON.stringify(ruled.event)) : ruled;
};
const track = (properties: unknown, more: Json = {}): Json => ({
  type: 'track',
  event: 'E',
  properties,
  ...more,
});
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What the rules say they did. */
const told = (event: Json, ...rules: Omit<Rule, 'name'>[]): string[] => {
  const steps: string[] = [];
  const named = rules.map((rule, index) => ({ ...rule, name: `rule ${index}` }));
  applyRules(event, rulesOf({ rules: named }), ({ did }) => steps.push(did));
  return steps;
};

it.each<[Omit<Rule, 'name'>]>([
  [{ set: { 'properties.a': 1 } }],
  [{ move: { 'properties.z': 'properties.y' } }],
  [{ move: { 'properties.*': 'traits.all' } }],
  [{ drop: ['properties.*.b'] }],
  [{ keep: ['properties.a', 'properties.p_a', 'properties.c.*', 'properties.p_c'] }],
  [{ prefix: { properties: 'p_', traits: 't_' } }],
])('A rule that finds nothing to do says nothing, and leaves the very same event: %j', (rule) => {
  const event = track({ a: 1, p_a: 2, c: { d: 3 }, p_c: 4 }, { traits: { email: 'x' } });

  expect(told(event, rule)).toEqual([]);
  const ruled = applyRules(event, rulesOf({ rules: [{ name: 'a', ...rule }] }));
  expect(ruled.outcome === 'event' && ruled.event).toBe(event);
});

it.each<[Omit<Rule, 'name'>, string[]]>([
  [{ rename: { E: 'F' } }, ['renamed the event']],
  [{ drop: ['properties.*.b'] }, ['dropped properties.*.b']],
  [
    { keep: ['traits.plan'] },
    ['kept of traits only what is named', 'kept of context.traits only what is named'],
  ],
  [{ move: { 'context.ip': 'properties.ip' } }, ['moved context.ip to properties.ip']],
  [{ move: { 'properties.a': 'properties.z' } }, ['moved properties.a to properties.z']],
  [{ prefix: { properties: 'p_' } }, ['prefixed properties']],
])('A rule says what it did: %j', (rule, expected) => {
  const traits = { plan: 'pro', email: 'x' };

  expect(told(track({ a: { b: 1 } }, { traits, context: { traits, ip: '192.0.2.7' } }), rule)).toEqual(
    expected,
  );
});

describe('set', () => {
  it.each([
    ['an absent part', undefined, { a: { b: 1 } }],
    ['a null', null, { a: { b: 1 } }],
    ['an empty array, which is how PHP writes an object', [], { a: { b: 1 } }],
    ['what stands there', { a: { b: 2, c: 3 } }, { a: { b: 1, c: 3 } }],
    ['an empty inner one', { a: null }, { a: { b: 1 } }],
  ])('writes over %s', (_, properties, expected) => {
    expect(shaped(track(properties), { set: { 'properties.a.b': 1 } })).toEqual(track(expected));
  });

  it.each([['text'], [7], [['list']], [{ a: 'text' }], [{ a: [1] }]])('leaves %j alone', (properties) => {
    expect(shaped(track(properties), { set: { 'properties.a.b': 1 } })).toEqual(track(properties));
  });

  it('writes into every element that is there', () => {
    const event = track({ products: [{ sku: 1 }, { sku: 2 }, 'x'] });

    expect(shaped(event, { set: { 'properties.products.*.currency': 'CHF' } })).toEqual(
      track({ products: [{ sku: 1, currency: 'CHF' }, { sku: 2, currency: 'CHF' }, 'x'] }),
    );
  });
});

describe('move', () => {
  it('takes a field to another place, and what stands between is made', () => {
    expect(shaped(track({ a: 1 }), { move: { 'properties.a': 'traits.b.c' } })).toEqual({
      ...track({}),
      traits: { b: { c: 1 } },
    });
  });

  it('takes an element out of its array', () => {
    expect(shaped(track({ list: [1, 2, 3] }), { move: { 'properties.list.1': 'properties.two' } })).toEqual(
      track({ list: [1, 3], two: 2 }),
    );
  });

  it('leaves both where they are when the target is taken, or cannot be', () => {
    const event = track({ a: 1, b: 2, c: 'text' });

    expect(shaped(event, { move: { 'properties.a': 'properties.b' } })).toEqual(event);
    expect(shaped(event, { move: { 'properties.a': 'properties.c.d' } })).toEqual(event);
    expect(shaped(event, { move: { 'properties.z': 'properties.y' } })).toEqual(event);
  });
});

it('A move out of the context leaves there what the mapping reads there', () => {
  const context = { device: { token: 't' } };

  expect(shaped(track({}, { context }), { move: { 'context.device.token': 'properties.token' } })).toEqual(
    track({ token: 't' }, { context }),
  );
});

describe('move of more than one place', () => {
  it.each([
    ['properties.*', 'traits.all'],
    ['properties.a', 'traits.*'],
  ])('from %s to %s is none, and leaves everything where it is', (from, to) => {
    const event = track({ a: 1, b: 2 });

    expect(shaped(event, { move: { [from]: to } })).toEqual(event);
  });
});

describe('drop', () => {
  it('takes elements out of an array, however many', () => {
    expect(shaped(track({ list: ['a', 'b', 'c'] }), { drop: ['properties.list.*'] })).toEqual(
      track({ list: [] }),
    );
    expect(shaped(track({ list: ['a', 'b', 'c'] }), { drop: ['properties.list.1'] })).toEqual(
      track({ list: ['a', 'c'] }),
    );
  });

  it('takes a whole part, and a field of the root', () => {
    const event = track({ a: 1 }, { userId: 'u', anonymousId: 'a' });

    expect(shaped(event, { drop: ['properties', 'userId'] })).toEqual({
      type: 'track',
      event: 'E',
      anonymousId: 'a',
    });
  });
});

it('A drop of a property leaves one of that name in the context', () => {
  const context = { properties: { a: 1 } };

  expect(shaped(track({ a: 1 }, { context }), { drop: ['properties.a'] })).toEqual(track({}, { context }));
});

describe('keep', () => {
  it.each<[string[], unknown, unknown]>([
    [['properties.a'], { a: { b: 1 }, c: 2 }, { a: { b: 1 } }],
    [['properties.a', 'properties.a.b'], { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 2 } }],
    [['properties.a.b'], { a: 'text', c: 2 }, { a: 'text' }],
    [['properties.a.b'], { a: null, c: 2 }, { a: null }],
    [['properties.a.b'], { a: { c: 2 } }, { a: {} }],
    [['properties.list.1'], { list: [1, 2, 3] }, { list: [2] }],
  ])('of %j keeps of %j %j', (keep, properties, expected) => {
    expect(shaped(track(properties), { keep })).toEqual(track(expected));
  });

  it('of a trait called traits keeps that one alone, in the context as well', () => {
    const traits = { traits: 1, plan: 'pro' };

    expect(shaped(track({}, { traits, context: { traits } }), { keep: ['traits.traits'] })).toEqual(
      track({}, { traits: { traits: 1 }, context: { traits: { traits: 1 } } }),
    );
  });

  it('leaves the part alone that it does not speak of', () => {
    const event = { ...track({ a: 1, b: [{ c: 1, d: 2 }] }), traits: { e: 1 } };

    expect(shaped(event, { keep: ['properties.b.*.c'] })).toEqual({
      ...track({ b: [{ c: 1 }] }),
      traits: { e: 1 },
    });
  });

  it('keeps of traits in the context what it keeps of traits', () => {
    const event = track({}, { context: { traits: { email: 'x', plan: 'y' }, ip: '1' } });

    expect(shaped(event, { keep: ['traits.plan'] })).toEqual(
      track({}, { context: { traits: { plan: 'y' }, ip: '1' } }),
    );
  });

  it('does not mind a part that is no object', () => {
    expect(shaped(track('text'), { keep: ['properties.a'] })).toEqual(track('text'));
  });
});

describe('hash', () => {
  it.each(['@Ada ', 'Ada@', 'Ada L@x', 'Ada@x L', 'Ada@x@y', '@Ada@x'])(
    'takes a text with an @ that is no email as it is: %j',
    (handle) => {
      expect(shaped(track({ handle }), { hash: ['properties.handle'] })).toEqual(
        track({ handle: sha256(`${SALT}${handle}`) }),
      );
    },
  );

  it('makes nothing of what a rule before it has dropped', () => {
    const rules = [{ drop: ['properties.a'] }, { hash: ['properties'] }];

    expect(shaped(track({ a: 'x', b: 'y' }), ...rules)).toEqual(track({ b: sha256(`${SALT}y`) }));
  });

  it('is SHA-256 of the salt and the value; an email is trimmed and in lower case first', () => {
    const event = track({ email: ' Ann@Example.COM', id: ' Case Counts ', number: 5, yes: true });

    expect(shaped(event, { hash: ['properties.*'] })).toEqual(
      track({
        email: sha256(`${SALT}ann@example.com`),
        id: sha256(`${SALT} Case Counts `),
        number: sha256(`${SALT}5`),
        yes: sha256(`${SALT}true`),
      }),
    );
  });

  it('without a salt is SHA-256 of the value itself', () => {
    const rules = rulesOf({ rules: [{ name: 'a', hash: ['properties.id'] }] });

    expect(applyRules(track({ id: 'x' }), rules)).toEqual({
      outcome: 'event',
      event: track({ id: sha256('x') }),
    });
  });

  it('hashes what is inside, and leaves what says nothing', () => {
    const hashed = sha256(`${SALT}x`);

    expect(shaped(track({ a: { b: ['x', null, ''] } }), { hash: ['properties.a'] })).toEqual(
      track({ a: { b: [hashed, null, ''] } }),
    );
  });

  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('lets nothing through that lies too deep to be looked at: %s', (open, close) => {
    const nested = (depth: number, text: string) =>
      JSON.parse(`${open.repeat(depth)}${text}${close.repeat(depth)}`);

    expect(shaped(track({ deep: nested(5_000, '"clear"') }), { hash: ['properties.deep'] })).toEqual(
      track({ deep: nested(100, 'null') }),
    );
  });

  it.each(['undefined', ' null', 'None', '[object Object]', '<nil>', ' '])(
    'leaves a bug in the place of an id, which hashed would pass for one: %j',
    (bug) => {
      const event = track({}, { userId: bug, traits: { email: bug } });

      expect(shaped(event, { hash: ['userId', 'traits.email'] })).toEqual(event);
      expect(shaped(event, { hash: ['userId', 'traits.*'] })).toEqual(event);
      expect(shaped(event, { hash: ['userId', 'traits'] })).toEqual(event);
    },
  );

  it.each([true, 9_007_199_254_740_994])('leaves what can be no id among the traits: %j', (userId) => {
    const event = track({}, { traits: { userId } });

    expect(shaped(event, { hash: ['traits.userId'] })).toEqual(event);
  });

  it('hashes such a word where it may be what somebody has said', () => {
    const hashed = sha256(`${SALT}None`);

    expect(shaped(track({ illness: 'None', list: ['None'] }), { hash: ['properties.*'] })).toEqual(
      track({ illness: hashed, list: [hashed] }),
    );
  });

  it.each([true, { id: 'u1' }, ['u1'], 9_007_199_254_740_994])('leaves what can be no id: %j', (id) => {
    const event = track({}, { userId: id });

    expect(shaped(event, { hash: ['userId'] })).toEqual(event);
  });

  it.each(['userId', 'previousId'])('leaves a placeholder in an alias alone: %s', (field) => {
    const alias = { type: 'alias', userId: 'u1', previousId: 'u2', [field]: 'guest' };

    expect(shaped(alias, { hash: ['userId', 'previousId'] })).toMatchObject({ [field]: 'guest' });
    expect(shaped(track({}, { userId: 'guest' }), { hash: ['userId'] })).toEqual(
      track({}, { userId: sha256(`${SALT}guest`) }),
    );
  });

  it.each([
    ['None', track({}, { userId: 'None' })],
    ['guest', { type: 'alias', userId: 'guest', previousId: 'u2' }],
  ])('hashes an id that looks like a bug and is allowed: %s', (id, event) => {
    const rules = [{ name: 'a', hash: ['userId'] }];
    const compiled = rulesOf({ rules, hashSalt: SALT, allowIdentifiers: [id] });

    expect(applyRules(event, compiled)).toMatchObject({ event: { userId: sha256(SALT + id) } });
  });

  it('reaches the copy of the traits in the context', () => {
    const event = track({}, { context: { traits: { email: 'ann@example.com' } } });

    expect(shaped(event, { hash: ['traits.email'] })).toEqual(
      track({}, { context: { traits: { email: sha256(`${SALT}ann@example.com`) } } }),
    );
  });
});

it.each<[Omit<Rule, 'name'>, unknown]>([
  [{ hash: ['properties.list.*'] }, sha256(`${SALT}1`)],
  [{ set: { 'properties.list.*': 2 } }, 2],
])('A list is copied once, however many of its elements are edited: %j', (rule, edited) => {
  const event = track({ list: Array<number>(100_000).fill(1) });
  const spentMs = startCpuClock();

  expect(shaped(event, rule)).toEqual(track({ list: Array<unknown>(100_000).fill(edited) }));
  expect(event['properties']).toEqual({ list: Array<number>(100_000).fill(1) });
  expect(spentMs()).toBeLessThan(2_500);
});

describe('prefix', () => {
  it('leaves names with a meaning, what has it already, and what would collide', () => {
    const event = track({ url: '/', web_a: 1, a: 2, b: 3 });

    expect(shaped(event, { prefix: { properties: 'web_' } })).toEqual(
      track({ url: '/', web_a: 1, a: 2, web_b: 3 }),
    );
    expect(shaped(track({ a: 1 }), { prefix: { properties: 'web_' } })).toEqual(track({ web_a: 1 }));
  });

  it('leaves what the mapping reads by its name, of each kind', () => {
    const event = track({ email: 1, phone: 2, object_type_id: 3, path: 4, deliveryId: 5, timezone: 6 });

    expect(shaped(event, { prefix: { properties: 'web_' } })).toEqual(event);
  });

  it('leaves one topic of somebody’s subscriptions, which Customer.io reads by its whole name', () => {
    const event = {
      type: 'identify',
      traits: { 'cio_subscription_preferences.topics.topic_1': false, plan: 'pro', 'email.verified': true },
    };

    expect(shaped(event, { prefix: { traits: 'app_' } })).toEqual({
      type: 'identify',
      traits: {
        'cio_subscription_preferences.topics.topic_1': false,
        app_plan: 'pro',
        'app_email.verified': true,
      },
    });
  });

  it('does not mind a part that is no object, nor one with nothing to do', () => {
    expect(shaped(track(['x']), { prefix: { properties: 'p_' } })).toEqual(track(['x']));
    expect(shaped(track({ url: '/' }), { prefix: { properties: 'p_' } })).toEqual(track({ url: '/' }));
  });
});

describe('move of an id', () => {
  it.each([null, '', ' '])('fills an id that is there and empty, as over HTTP: %j', (userId) => {
    expect(
      shaped(track({ email: 'a@b.co' }, { userId }), { move: { 'properties.email': 'userId' } }),
    ).toEqual(track({}, { userId: 'a@b.co' }));
  });

  it.each([17, 'u1', true, { id: 'u1' }])('leaves an id that is there: %j', (userId) => {
    const event = track({ email: 'a@b.co' }, { userId });

    expect(shaped(event, { move: { 'properties.email': 'userId' } })).toEqual(event);
  });

  it.each([
    [17, { old: '17' }],
    ['u1', { old: 'u1' }],
    ['', {}],
    [null, {}],
  ])('makes of %j what it is over HTTP', (userId, properties) => {
    expect(shaped(track({}, { userId }), { move: { userId: 'properties.old' } })).toMatchObject({
      properties,
    });
  });

  it('leaves a number that is no id a number', () => {
    expect(shaped(track({ userId: 17 }), { move: { 'properties.userId': 'properties.old' } })).toEqual(
      track({ old: 17 }),
    );
  });
});

describe('rename', () => {
  it.each([
    [
      { type: 'track', event: ' Old ' },
      { type: 'track', event: 'New' },
    ],
    [
      { type: 'page', name: 'Old' },
      { type: 'page', name: 'New' },
    ],
    [
      { type: 'screen', name: 'Old 2' },
      { type: 'screen', name: 'Newer' },
    ],
    [
      { type: 'screen', properties: { name: 'Old', a: 1 } },
      { type: 'screen', properties: { name: 'New', a: 1 } },
    ],
    [
      { type: 'screen', name: '', event: 'Old' },
      { type: 'screen', name: '', event: 'New' },
    ],
    [
      { type: 'identify', name: 'Old' },
      { type: 'identify', name: 'Old' },
    ],
    [
      { type: 'track', event: 'Else' },
      { type: 'track', event: 'Else' },
    ],
  ])('makes of %j %j', (event, expected) => {
    expect(shaped(event, { rename: { Old: 'New', 'Old *': 'Newer' } })).toEqual(expected);
  });
});

it.each<[string, Omit<Rule, 'name'>]>([
  ['has another name by then', { rename: { E: 'F' } }],
  ['has no name by then', { drop: ['event'] }],
])('A renaming says nothing of an event that %s', (_, before) => {
  const steps: string[] = [];
  const rules = [
    { name: 'a', ...before },
    { name: 'b', rename: { E: 'G' } },
  ];

  applyRules(track({}), rulesOf({ rules }), ({ rule }) => steps.push(rule));

  expect(steps).toEqual(['a']);
});

describe('several rules', () => {
  it('shape what those before them have left, and select by the event as it came', () => {
    const rules = [
      { rename: { E: 'F' } },
      { for: { event: 'E' }, set: { 'properties.a': 1 } },
      { for: { event: 'F' }, set: { 'properties.never': 1 } },
      { for: { when: { field: 'properties.a', exists: false } }, move: { 'properties.a': 'properties.b' } },
    ] as const;

    expect(shaped(track({}), ...rules)).toEqual({ type: 'track', event: 'F', properties: { b: 1 } });
  });

  it('write a key called __proto__ as a key', () => {
    const event = JSON.parse('{"type":"track","event":"E","properties":{"__proto__":{"a":"x"},"b":"y"}}');

    const json = JSON.stringify(shaped(event, { hash: ['properties.*'] }, { drop: ['properties.b'] }));

    expect(json).toContain(`"__proto__":{"a":"${sha256(`${SALT}x`)}"}`);
    expect(json).not.toContain('"b"');
  });
});
