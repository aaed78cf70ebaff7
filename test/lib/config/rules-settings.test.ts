// Rules in the settings: what a team may write, and what it is told of a mistake.

import { parseSources } from '../../support/sources';

const SALT = 'a salt nobody guesses';
const SECRET = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';

const parse = (settings: Record<string, unknown>) => {
  const required = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' };
  return parseSources(JSON.stringify([{ ...required, ...settings }]))[0];
};

/** The mistakes, without the name of their source. */
const mistakes = (settings: Record<string, unknown>): string[] => {
  try {
    parse(settings);
  } catch (error) {
    const lines = error instanceof Error ? error.message.split('\n- ').slice(1) : [];
    return lines.map((line) => line.replace('source 0 ("shop"): ', ''));
  }
  return [];
};

const mistakesOf = (rule: unknown): string[] => mistakes({ rules: [rule], hashSalt: SALT });

it('takes everything the page on rules shows', () => {
  const settings = {
    hashSalt: SALT,
    rules: [
      {
        name: 'only production',
        include: { when: { field: 'context.app.environment', equals: 'production' } },
      },
      {
        name: 'no test users',
        exclude: {
          type: ['track', 'identify'],
          event: 'Test *',
          when: {
            any: [{ not: { field: 'userId', exists: true } }, { field: 'userId', oneOf: ['a', 1, true] }],
          },
        },
      },
      { name: 'orders', rename: { 'Order Completed': 'Purchase' } },
      { name: 'hash email', for: { type: 'identify' }, hash: ['traits.email', 'userId'] },
      { name: 'less', drop: ['properties.address.*', 'traits.a\\.b', '$.plan'] },
      { name: 'little', keep: ['traits.plan'] },
      { name: 'shop', set: { 'properties.plan': { any: ['JSON'] } } },
      { name: 'version', move: { 'context.app.version': 'properties.app_version' } },
      { name: 'web', prefix: { properties: 'web_' } },
    ],
    consent: {
      require: ['Ads'],
      onMissing: 'skip',
      resolution: 'or',
      provider: 'ketch',
      attribute: 'consent',
    },
    privacy: { deny: ['ssn'], useDefaultDenyList: true, ip: 'truncate', deadLetters: 'cleaned' },
  };

  expect(parse(settings)).toMatchObject(settings);
});

it('has no rules, no consent and no privacy unless they are written', () => {
  expect(parse({})).toMatchObject({ rules: [] });
  expect(parse({})).not.toHaveProperty('consent');
  expect(parse({ consent: { require: ['Ads'] }, privacy: {} })).toMatchObject({
    consent: { onMissing: 'deliver' },
    privacy: { deny: [], useDefaultDenyList: false, ip: 'keep', deadLetters: 'as_it_came' },
  });
});

it('takes a name for some of the types that have one, and a new name that has a star', () => {
  expect(mistakesOf({ name: 'a', exclude: { type: ['identify', 'track'], event: 'Signed Up' } })).toEqual([]);
  expect(mistakesOf({ name: 'a', rename: { 'Five \\*': '5*', 'Five stars': '5*' } })).toEqual([]);
});

describe('a mistake in a rule is told with the name of the rule:', () => {
  it.each<[string, unknown, string]>([
    [
      'no action',
      {},
      'rules.0 must have exactly one of include, exclude, rename, drop, keep, hash, set, move, prefix',
    ],
    ['two actions', { drop: ['userId'], hash: ['userId'] }, 'rules.0 must have exactly one of'],
    ['an unknown field', { drop: ['userId'], wen: 1 }, 'rules.0 has unknown field(s) wen'],
    ['a path with an empty step', { drop: ['traits..a'] }, 'rules.0.drop.0 must be a path'],
    [
      'a path to nowhere',
      { drop: ['trait.a'] },
      'rules.0.drop.0 must begin with one of traits, properties, context',
    ],
    ['no paths', { drop: [] }, 'rules.0.drop must not be empty'],
    ['a path alone', { drop: 'traits.a' }, 'rules.0.drop must be an array of paths'],
    ['messageId', { drop: ['messageId'] }, 'rules.0.drop.0 must not be one of type, messageId'],
    [
      'messageId by another way',
      { drop: ['$.messageId'] },
      'rules.0.drop.0 must not be one of type, messageId',
    ],
    ['the type', { set: { type: 'track' } }, 'rules.0.set must not be one of type, messageId'],
    [
      'a whole part to keep',
      { keep: ['traits'] },
      'rules.0.keep.0 must be a field of `traits` or `properties`',
    ],
    [
      'context to keep',
      { keep: ['context.ip'] },
      'rules.0.keep.0 must be a field of `traits` or `properties`',
    ],
    ['a star to move to', { move: { 'traits.a': 'traits.*' } }, 'rules.0.move must not have a `*`'],
    [
      'a move into itself',
      { move: { traits: 'traits.a' } },
      'rules.0.move must not move a field into itself',
    ],
    ['__proto__', { set: { 'traits.__proto__.a': 1 } }, 'rules.0.set must not write to `__proto__`'],
    ['nothing to set', { set: {} }, 'rules.0.set must not be empty'],
    ['no prefix', { prefix: {} }, 'rules.0.prefix must have `traits` or `properties`'],
    ['a prefix with a dot', { prefix: { traits: 'a.' } }, 'rules.0.prefix.traits must be 1 to 50 characters'],
    ['an empty selector', { exclude: {} }, 'rules.0.exclude must have `type`, `event` or `when`'],
    [
      'a type whose events have no name',
      { include: { type: ['identify', 'group'], event: 'Signed Up' } },
      'rules.0.include means no event: `event` names a track, page or screen',
    ],
    ['a new name with a star', { rename: { 'Order *': 'Purchase *' } }, 'rules.0.rename must not have a `*`'],
    ['an unknown type', { exclude: { type: 'trak' } }, 'rules.0.exclude.type must be one of identify, track'],
    [
      'an unknown test',
      { exclude: { when: { field: 'a', is: 1 } } },
      'rules.0.exclude.when must be one of `{field, equals}`',
    ],
    [
      'a null',
      { exclude: { when: { field: 'a', equals: null } } },
      'rules.0.exclude.when.equals must be a string',
    ],
    [
      'a mistake deep in a condition',
      { exclude: { when: { all: [{ any: [{ not: { field: '', exists: true } }] }] } } },
      'rules.0.exclude.when.all.0.any.0.not.field must not be empty',
    ],
    ['an empty list', { exclude: { when: { any: [] } } }, 'rules.0.exclude.when.any must not be empty'],
  ])('%s', (_, rule, expected) => {
    const [mistake = ''] = mistakesOf({ name: 'the rule', ...Object(rule) });

    expect(mistake.slice(0, expected.length)).toBe(expected);
    expect(mistake).toMatch(/ \(rule "the rule"\)$/);
  });

  it('a condition without an end', () => {
    const nested = Array.from({ length: 12 }).reduce<unknown>((not) => ({ not }), {
      field: 'a',
      exists: true,
    });

    expect(mistakesOf({ name: 'a', exclude: { when: nested } })[0]).toContain(
      'must not nest more than 10 levels',
    );
  });

  it('a name that cannot be one, or is another rule’s', () => {
    expect(mistakesOf({ drop: ['userId'] })).toEqual(['rules.0.name is required and must be a string']);
    expect(mistakesOf({ name: ' ', drop: ['userId'] })[0]).toContain('rules.0.name must be 1 to 60 letters');
    expect(mistakesOf({ name: 'privacy', drop: ['userId'] })[0]).toContain(
      'rules.0.name must not be one of consent',
    );
    const twice = { name: 'a', drop: ['userId'] };
    expect(mistakes({ rules: [twice, twice] })[0]).toContain('rules must have another name each');
  });
});

describe('a mistake that only shows together:', () => {
  it('a hash without a salt, or with one that can be guessed', () => {
    const rules = [{ name: 'hash email', hash: ['traits.email'] }];

    expect(mistakes({ rules })).toEqual(['hashSalt is required (rule "hash email" hashes)']);
    expect(mistakes({ rules, hashSalt: 'short' })[0]).toContain('hashSalt must have at least 16 characters');
  });

  it.each([
    [{ set: { 'traits.S_S_N': 1 } }],
    [{ set: { 'traits.a': [{ ssn: 1 }] } }],
    [{ set: { 'traits.a': { 'person.ssn': 1 } } }],
    [{ move: { 'traits.number': 'traits.ssn' } }],
  ])('a rule that writes what is kept back: %j', (rule) => {
    expect(mistakes({ rules: [{ name: 'a', ...rule }], privacy: { deny: ['ssn'] } })).toEqual([
      'rules.0 must not write to a key that privacy.deny keeps back (rule "a")',
    ]);
  });

  it.each(['Ads', 'google.ads'])('consent to %s that is kept back', (category) => {
    expect(mistakes({ consent: { require: [category] }, privacy: { deny: ['ads'] } })).toEqual([
      'consent must not need a key that privacy.deny keeps back',
    ]);
  });
});

it.each([
  [{ deny: ['userId'] }, 'privacy.deny.0 is a part of an event itself'],
  [{ deny: ['message_id'] }, 'privacy.deny.0 is a part of an event itself'],
  [{ deny: ['pass*'] }, 'privacy.deny.0 must be a key, not a glob'],
  [{ deny: ['user.ssn'] }, 'privacy.deny.0 must be a key, not a path'],
  [{ deny: ['--'] }, 'privacy.deny.0 must have a letter or a digit'],
  [{ ip: 'hide' }, 'privacy.ip must be `keep`, `truncate` or `drop`'],
  [{ useDefaultDenyList: 'yes' }, 'privacy.useDefaultDenyList must be true or false'],
])('privacy %j: %s', (privacy, expected) => {
  expect(mistakes({ privacy })[0]).toContain(expected);
});

it.each([
  [{}, 'consent.require must be an array of strings'],
  [{ require: [] }, 'consent.require must not be empty'],
  [{ require: ['Ads'], onMissing: 'drop' }, 'consent.onMissing must be `deliver` or `skip`'],
  [
    { require: ['Ads'], attribute: 'email' },
    'consent.attribute must not be one that Customer.io reads itself',
  ],
  [{ require: ['Ads'], onMising: 'skip' }, 'consent has unknown field(s) onMising'],
  [{ require: ['Ads'], attribute: 'a.b' }, 'consent.attribute must be 1 to 100 letters'],
])('consent %j: %s', (consent, expected) => {
  expect(mistakes({ consent })[0]).toContain(expected);
});

it('quotes nothing that may be a key in the wrong place', () => {
  const wrong = [
    { rules: [{ name: 'a', drop: [SECRET] }] },
    { rules: [{ name: 'a', [SECRET]: true }] },
    { rules: [{ name: 'a', move: { [SECRET]: 'traits.a' } }] },
    { rules: [{ name: 'a', set: { [SECRET]: 1 } }] },
    { rules: [{ name: 'a', exclude: { when: { field: 'a', [SECRET]: 1 } } }] },
    { rules: [{ name: 'a', exclude: { when: { field: 'a', equals: 1, [SECRET]: 1 } } }] },
    { rules: [{ name: { SECRET }, drop: ['userId'] }] },
    { hashSalt: SECRET.slice(0, 15) },
    { privacy: { deny: [`${SECRET}*`] } },
  ];

  for (const settings of wrong) {
    const told = mistakes(settings).join();
    expect(told).not.toBe('');
    expect(told).not.toContain(SECRET.slice(0, 15));
  }
});

describe('what a page delivers itself, no rule has seen, so that device mode is refused', () => {
  const EXPECTED =
    'connectionMode must be `cloud` with `rules` or `privacy`: what a page delivers itself, none of them has seen';

  it.each<Record<string, unknown>>([
    { rules: [{ name: 'a', drop: ['traits.ssn'] }] },
    { privacy: { deny: ['ssn'] } },
    { privacy: { useDefaultDenyList: true } },
    { privacy: { ip: 'drop' } },
  ])('beside %j', (settings) => {
    expect(mistakes({ connectionMode: 'device', ...settings })).toEqual([EXPECTED]);
    expect(mistakes({ connectionMode: 'cloud', ...settings })).toEqual([]);
  });

  it.each([
    { rules: [] },
    { privacy: { deadLetters: 'cleaned' } },
    // The page asks for it itself.
    { consent: { require: ['Ads'] } },
  ])('and not beside %j', (settings) => {
    expect(mistakes({ connectionMode: 'device', ...settings })).toEqual([]);
  });
});
