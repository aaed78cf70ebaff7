// The ladder of identifiers, and the keys by which the delivery engine keeps one person's operations in order.

import {
  anyPerson,
  identityKeys,
  isSamePerson,
  knownPerson,
  personById,
} from '../../../lib/mapping/identity';
import type { MappingSettings } from '../../../lib/mapping/translation';

const EMAIL_OR_ID: MappingSettings = { workspaceIdentifiers: 'email_or_id', convertTimestamps: true };
const ID_ONLY: MappingSettings = { workspaceIdentifiers: 'id', convertTimestamps: true };

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
    ['42', { id: '42' }],
    ['mailto:cool.person@example.com', { id: 'mailto:cool.person@example.com' }],
  ])('names %p by %p', (userId, expected) => {
    expect(personById(userId, EMAIL_OR_ID)).toEqual(expected);
  });

  it('takes an email for an id where the workspace knows people by id alone', () => {
    expect(personById('cool.person@example.com', ID_ONLY)).toEqual({ id: 'cool.person@example.com' });
    expect(personById('cio_a3000001', ID_ONLY)).toEqual({ cio_id: 'a3000001' });
  });
});

it.each([
  ['email_phone_or_id', { phone: '+15550100' }],
  ['email_or_id', { id: '+15550100' }],
  ['id', { id: '+15550100' }],
] as const)('a phone names somebody in a workspace of %s by %j', (workspaceIdentifiers, expected) => {
  expect(personById('+15550100', { workspaceIdentifiers })).toEqual(expected);
});

describe('knownPerson and anyPerson', () => {
  it.each([
    [{ by: 'id', value: 'u1' }, { id: 'u1' }],
    [{ by: 'id', value: 'cio_7' }, { cio_id: '7' }],
    [{ by: 'id', value: 'a@example.com' }, { email: 'a@example.com' }],
    [{ by: 'email', value: 'a@example.com' }, { email: 'a@example.com' }],
    [{ by: 'phone', value: '+15550100' }, { phone: '+15550100' }],
  ] as const)('name %j', (who, expected) => {
    expect(knownPerson(who, EMAIL_OR_ID)).toEqual(expected);
    expect(anyPerson(who, EMAIL_OR_ID)).toEqual(expected);
  });

  it('name a visitor', () => {
    expect(anyPerson({ by: 'anonymous_id', value: 'a@example.com' }, EMAIL_OR_ID)).toEqual({
      anonymous_id: 'a@example.com',
    });
  });
});

describe('isSamePerson', () => {
  it('compares emails without regard to case, everything else exactly', () => {
    expect(isSamePerson({ email: 'A@example.com' }, { email: 'a@EXAMPLE.com' })).toBe(true);
    expect(isSamePerson({ id: 'u1' }, { id: 'u1' })).toBe(true);
    expect(isSamePerson({ id: 'u1' }, { id: 'U1' })).toBe(false);
    expect(isSamePerson({ id: 'u1' }, { cio_id: 'u1' })).toBe(false);
    expect(isSamePerson({ id: 'cio_id:u1' }, { cio_id: 'u1' })).toBe(false);
  });
});

describe('identityKeys', () => {
  it('names everyone and everything an event speaks of', () => {
    const event = {
      type: 'group',
      userId: 'u1',
      anonymousId: 'a1',
      previousId: 'p1',
      groupId: 'acme',
      context: { traits: { email: 'Cool.Person@example.com' } },
    };

    expect(identityKeys(event)).toEqual(['u1', 'cool.person@example.com', 'a1', 'p1', 'p1', 'object:acme']);
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
    ['an id among the traits', { traits: { userId: 'u1' } }, { userId: 'u1' }],
    ['an id in the context', { context: { externalId: [{ type: 'id', id: 'u1' }] } }, { userId: 'u1' }],
    ['a phone', { userId: 'u1', traits: { phone: '+15550100' } }, { traits: { phone: '+15550100' } }],
    ['an object', { userId: 'u1', groupId: 7 }, { userId: 'u2', groupId: '7' }],
    [
      'an identify that gives an id to a person known by email',
      { type: 'identify', userId: 'x@example.com', traits: { id: 'u1' } },
      { type: 'track', userId: 'u1' },
    ],
    [
      'an identify by cio_id whose new id stands in the context',
      { type: 'identify', userId: 'cio_1', context: { traits: { id: 7 } } },
      { type: 'track', userId: '7' },
    ],
    [
      'an identify that gives an id of the form of an email',
      { type: 'identify', userId: 'cio_1', traits: { id: 'X@example.com' } },
      { type: 'track', userId: 'x@example.com' },
    ],
    [
      'an identify that gives an id at its root',
      { type: 'identify', userId: 'x@example.com', id: 'u1' },
      { type: 'track', userId: 'u1' },
    ],
    [
      'an identify that gives an email at its root',
      { type: 'identify', userId: 'u1', email: 'X@example.com' },
      { type: 'track', userId: 'x@example.com' },
    ],
    [
      'an identify that gives a phone at its root',
      { type: 'identify', userId: 'u1', phone: '+15550100' },
      { type: 'track', userId: '+15550100' },
    ],
    [
      'an identify that names the visitor among the traits',
      { type: 'identify', userId: 'u1', traits: { anonymous_id: 'a1' } },
      { type: 'track', anonymousId: 'a1' },
    ],
  ])('links events by %s', (_, one, other) => {
    const keys = identityKeys(one);

    expect(identityKeys(other).some((key) => keys.includes(key))).toBe(true);
  });

  it.each([
    ['traits of an identify', { type: 'identify', traits: { objectId: 'acme' } }],
    ['traits of its context', { type: 'identify', context: { traits: { objectId: 'acme' } } }],
    ['context of an identify', { type: 'identify', context: { groupId: 'acme' } }],
    [
      'properties of its deletion',
      { type: 'track', event: ' Object Deleted ', properties: { objectId: 'acme' } },
    ],
    [
      'context of the end of a relationship',
      { type: 'track', event: 'Relationship Deleted', context: { groupId: 'acme' } },
    ],
  ])('knows an object by the %s', (_, event) => {
    expect(identityKeys(event)).toEqual(['object:acme']);
  });

  it.each([
    ['a track of another name', { type: 'track', event: 'Invoice Deleted' }],
    ['a page that is called so', { type: 'page', event: 'Object Deleted' }],
  ])('does not look for an object in the properties and the context of %s', (_, event) => {
    const fields = {
      properties: { objectId: 'acme' },
      traits: { objectId: 'acme' },
      context: { groupId: 'acme' },
    };

    expect(identityKeys({ ...event, ...fields })).toEqual([]);
  });

  it.each([
    ['a company of that id', { type: 'group', traits: { id: 'u1', anonymous_id: 'a1' } }],
    ['a thing of that id', { type: 'track', id: 'u1', email: 'x@example.com', properties: { id: 'u1' } }],
  ])('takes nobody for %s', (_, event) => {
    expect(identityKeys(event)).toEqual([]);
  });

  it('knows a person by cio_id', () => {
    expect(identityKeys({ userId: 'cio_a3000001' })).toEqual(['cio_id:a3000001']);
  });

  it('knows a person by phone', () => {
    expect(identityKeys({ userId: '+15550100' })).toEqual(['+15550100']);
    expect(identityKeys({ traits: { phone: '+15550101' } })).toEqual(['+15550101']);
  });

  it('lets a person and a visitor of the same name wait for each other, but no object for a person', () => {
    expect(identityKeys({ userId: 'x' })).toEqual(identityKeys({ anonymousId: 'x' }));
    expect(identityKeys({ userId: 'x' })).not.toEqual(identityKeys({ groupId: 'x' }));
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
