// The ladder of identifiers, and the keys by which the delivery engine keeps one person's operations in order.

import {
  anyPerson,
  identityKeys,
  isSamePerson,
  knownPerson,
  personById,
  readId,
} from '../../../lib/mapping/identity';
import type { MappingSettings } from '../../../lib/mapping/translation';

const EMAIL_OR_ID: MappingSettings = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true };
const ID_ONLY: MappingSettings = { workspaceIdentifiers: 'id', convertTimestamps: true };

describe('readId', () => {
  it.each([
    ['u1', 'u1'],
    [' u1 ', ' u1 '],
    ['0', '0'],
    [42, '42'],
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('takes %p for %p', (value, expected) => {
    expect(readId(value)).toBe(expected);
  });

  it.each([
    ['', ' ', '\t\n', null, undefined, true, false, {}, [], ['u1'], { id: 'u1' }],
    [Number.MAX_SAFE_INTEGER + 1, 1e21, Number.NaN, Number.POSITIVE_INFINITY],
  ])('counts %p and its like as absent', (...values) => {
    expect(values.map(readId)).toEqual(values.map(() => undefined));
  });
});

describe('personById', () => {
  it.each([
    ['cio_a3000001', { cio_id: 'a3000001' }],
    ['cio_cool.person@example.com', { cio_id: 'cool.person@example.com' }],
    ['cio_', { id: 'cio_' }],
    ['cio_ ', { id: 'cio_ ' }],
    ['CIO_1', { id: 'CIO_1' }],
    ['cool.person@example.com', { email: 'cool.person@example.com' }],
    ['Cool.Person+tag@mail.example.co.uk', { email: 'Cool.Person+tag@mail.example.co.uk' }],
    ['jörg@exämple.de', { email: 'jörg@exämple.de' }],
    ['cool.person@example', { id: 'cool.person@example' }],
    ['@example.com', { id: '@example.com' }],
    ['cool.person@', { id: 'cool.person@' }],
    ['cool@person@example.com', { id: 'cool@person@example.com' }],
    ['cool person@example.com', { id: 'cool person@example.com' }],
    ['cool.person@example..com', { id: 'cool.person@example..com' }],
    ['cool.person@example.com.', { id: 'cool.person@example.com.' }],
    ['cool.person@example.com at work', { id: 'cool.person@example.com at work' }],
    ['cool.person@.com', { id: 'cool.person@.com' }],
    ['cool.person@example.', { id: 'cool.person@example.' }],
    [`${'a'.repeat(242)}@example.com`, { email: `${'a'.repeat(242)}@example.com` }],
    [`${'a'.repeat(243)}@example.com`, { id: `${'a'.repeat(243)}@example.com` }],
    [42, { id: '42' }],
    ['', undefined],
  ])('names %p by %p', (userId, expected) => {
    expect(personById(userId, EMAIL_OR_ID)).toEqual(expected);
  });

  it('takes an email for an id where the workspace knows people by id alone', () => {
    expect(personById('cool.person@example.com', ID_ONLY)).toEqual({ id: 'cool.person@example.com' });
    expect(personById('cio_a3000001', ID_ONLY)).toEqual({ cio_id: 'a3000001' });
  });

  it('decides on a hostile address in no time', () => {
    const startedMs = performance.now();

    personById(`a@${'.a'.repeat(500_000)}`, EMAIL_OR_ID);
    personById(`a@${'a.'.repeat(120)} `, EMAIL_OR_ID);

    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});

describe('knownPerson and anyPerson', () => {
  const traits = { email: 'traits@example.com' };
  const context = { traits: { email: 'context@example.com' } };

  it('go down the ladder one rung at a time', () => {
    const ladder = [
      { userId: 'u1', traits, context, anonymousId: 'a1' },
      { traits, context, anonymousId: 'a1' },
      { traits: { email: 'no address' }, context, anonymousId: 'a1' },
      { traits: [], context: { traits: { email: 7 } }, anonymousId: 'a1' },
      { context: null },
    ];

    expect(ladder.map((event) => knownPerson(event, EMAIL_OR_ID))).toEqual([
      { id: 'u1' },
      { email: 'traits@example.com' },
      { email: 'context@example.com' },
      undefined,
      undefined,
    ]);
    expect(ladder.map((event) => anyPerson(event, EMAIL_OR_ID))[3]).toEqual({ anonymous_id: 'a1' });
    expect(ladder.map((event) => anyPerson(event, EMAIL_OR_ID))[4]).toBeUndefined();
  });

  it('leave emails out where the workspace knows people by id alone', () => {
    expect(knownPerson({ traits, context }, ID_ONLY)).toBeUndefined();
    expect(anyPerson({ traits, context, anonymousId: 7 }, ID_ONLY)).toEqual({ anonymous_id: '7' });
  });

  it('take the blanks off an email trait', () => {
    expect(knownPerson({ traits: { email: ' traits@example.com\n' } }, EMAIL_OR_ID)).toEqual(traits);
  });

  it("do not take a company's address for a person's", () => {
    expect(knownPerson({ type: 'group', traits }, EMAIL_OR_ID)).toBeUndefined();
    expect(knownPerson({ type: 'group', traits, context }, EMAIL_OR_ID)).toEqual({
      email: 'context@example.com',
    });
  });
});

describe('isSamePerson', () => {
  it('compares emails without regard to case, everything else exactly', () => {
    expect(isSamePerson({ email: 'A@example.com' }, { email: 'a@EXAMPLE.com' })).toBe(true);
    expect(isSamePerson({ id: 'u1' }, { id: 'u1' })).toBe(true);
    expect(isSamePerson({ id: 'u1' }, { id: 'U1' })).toBe(false);
    expect(isSamePerson({ id: 'u1' }, { cio_id: 'u1' })).toBe(false);
  });
});

describe('identityKeys', () => {
  it('names everyone and everything an event speaks of, by kind', () => {
    const event = {
      type: 'group',
      userId: 'u1',
      anonymousId: 'a1',
      previousId: 'p1',
      groupId: 'acme',
      context: { traits: { email: 'Cool.Person@example.com' } },
    };

    expect(identityKeys(event)).toEqual([
      'id:u1',
      'anonymous_id:a1',
      'email:cool.person@example.com',
      'id:p1',
      'anonymous_id:p1',
      'object:acme',
    ]);
  });

  it.each([
    [
      'an identify that ties an email to a person',
      { userId: 'u1', traits: { email: 'x@example.com' } },
      { userId: 'x@example.com' },
    ],
    [
      'an identify that ties a visitor to a person',
      { userId: 'u1', anonymousId: 'a1' },
      { anonymousId: 'a1' },
    ],
    ['an alias', { userId: 'u2', previousId: 'u1' }, { userId: 'u1' }],
    ['an alias of a visitor', { userId: 'u2', previousId: 'a1' }, { anonymousId: 'a1' }],
    ['an id as a number', { userId: 7 }, { userId: '7' }],
    ['a cio_id', { userId: 'cio_1' }, { userId: 'cio_1' }],
    ['an object', { userId: 'u1', groupId: 7 }, { userId: 'u2', groupId: '7' }],
  ])('links events by %s', (_, one, other) => {
    const keys = identityKeys(one);

    expect(identityKeys(other).some((key) => keys.includes(key))).toBe(true);
  });

  it('knows a person by cio_id', () => {
    expect(identityKeys({ userId: 'cio_a3000001' })).toEqual(['cio_id:a3000001']);
  });

  it('does not link a person and a visitor of the same name', () => {
    expect(identityKeys({ userId: 'x' })).not.toEqual(identityKeys({ anonymousId: 'x' }));
  });

  it.each([
    [null],
    [undefined],
    ['text'],
    [7],
    [[]],
    [{}],
    [{ userId: {}, anonymousId: [], previousId: null, groupId: true }],
  ])('finds nobody in %p', (event) => {
    expect(identityKeys(event)).toEqual([]);
  });
});
