import { EVENT_TYPES } from '../../../lib/event/event';
import { findFault, typeOf } from '../../../lib/event/find-fault';
import type { IdentitySettings } from '../../../lib/event/who';

const SETTINGS: IdentitySettings = { workspaceIdentifiers: 'email_or_id' };

describe('typeOf', () => {
  it.each(EVENT_TYPES)('is %s where the event says so', (type) => {
    expect(typeOf({ type }, undefined)).toBe(type);
  });

  it('is what the event says rather than what the path says', () => {
    expect(typeOf({ type: 'page' }, 'track')).toBe('page');
  });

  it.each([undefined, null, ''])('is what the path says where the event has %p', (type) => {
    expect(typeOf({ type }, 'track')).toBe('track');
    expect(typeOf({ type }, undefined)).toBeUndefined();
  });

  it('is the `action` of very old SDKs', () => {
    expect(typeOf({ action: 'track' }, undefined)).toBe('track');
    expect(typeOf({ action: 'other' }, undefined)).toBeUndefined();
  });

  it.each(['Track', 'delete', 'constructor', 5, {}, ['track'], true])('is unknown for %j', (type) => {
    expect(typeOf({ type }, 'track')).toBeUndefined();
  });
});

describe('findFault', () => {
  it.each([
    ['a userId', 'identify', { userId: 'u1' }],
    ['a numeric userId', 'identify', { userId: 0 }],
    ['an anonymousId', 'page', { anonymousId: 'a1' }],
    ['an email trait', 'identify', { traits: { email: 'ada@example.com' } }],
    ['an email in context', 'screen', { context: { traits: { email: 'ada@example.com' } } }],
    ['both ids', 'alias', { userId: 'u1', previousId: 'a1' }],
    ['a groupId', 'group', { groupId: 7 }],
    ['an event name', 'track', { userId: 'u1', event: 'Signed Up' }],
    [
      'placeholders where they harm nobody',
      'identify',
      { userId: 'guest', previousId: 'null', groupId: 'null' },
    ],
  ] as const)('finds none with %s', (_, type, event) => {
    expect(findFault(event, type, SETTINGS)).toBeUndefined();
  });

  it.each([
    ['identify', {}, 'userId: expected'],
    ['identify', { userId: null, anonymousId: '' }, 'userId: expected'],
    ['identify', { userId: ' ' }, 'userId: expected'],
    ['identify', { anonymousId: 'a1' }, 'an anonymousId alone identifies nobody'],
    ['identify', { traits: { email: 'nobody' } }, 'userId: expected'],
    ['identify', { traits: [], context: null }, 'userId: expected'],
    ['track', { event: 'Signed Up', traits: { email: 'nobody' } }, 'userId or anonymousId: expected'],
    ['screen', { previousId: 'a1', groupId: 'g1' }, 'userId or anonymousId: expected'],
    ['alias', { previousId: 'a1' }, 'userId: expected'],
    ['alias', { userId: 'u1' }, 'previousId: expected'],
    ['alias', { userId: 'u1', anonymousId: 'a1' }, 'previousId: expected'],
    ['group', { userId: 'u1' }, 'groupId: expected'],
  ] as const)('misses an identifier in %s %j', (type, event, detail) => {
    expect(findFault(event, type, SETTINGS)).toEqual({
      reason: 'missing_identifier',
      detail: expect.stringContaining(detail),
    });
  });

  it('misses an identifier that an older workspace can use, and says so', () => {
    const event = { traits: { email: 'ada@example.com' }, event: 'Signed Up' };

    for (const type of ['identify', 'track'] as const) {
      expect(findFault(event, type, { workspaceIdentifiers: 'id' })).toEqual({
        reason: 'missing_identifier',
        detail: expect.stringContaining('this workspace knows people by id alone'),
      });
    }
  });

  it.each([
    [undefined, 'nothing'],
    [null, 'null'],
    ['', 'string'],
    ['  ', 'string'],
    [5, 'number'],
    [[], 'array'],
    [{}, 'object'],
  ])('finds no name in the event %j', (name, got) => {
    expect(findFault({ userId: 'u1', event: name }, 'track', SETTINGS)).toEqual({
      reason: 'missing_event_name',
      detail: `event: expected a string that is not blank, got ${got}`,
    });
  });

  const FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const;

  it.each(FIELDS)('finds that a number is too large for %s', (field) => {
    const event = { userId: 'u1', event: 'Signed Up' };

    expect(findFault({ ...event, [field]: 2 ** 53 }, 'track', SETTINGS)).toEqual({
      reason: 'invalid_event',
      detail: `${field}: a number too large to be exact; send it as a string`,
    });
    expect(findFault({ ...event, [field]: Number.POSITIVE_INFINITY }, 'track', SETTINGS)).toBeDefined();
    expect(findFault({ ...event, [field]: -(2 ** 53 - 1) }, 'track', SETTINGS)).toBeUndefined();
    expect(findFault({ ...event, [field]: 1.5 }, 'track', SETTINGS)).toBeUndefined();
  });

  it.each(FIELDS.flatMap((field) => EVENT_TYPES.map((type) => [field, type] as const)))(
    'does not take %s of the wrong type for an absent one, of a %s',
    (field, type) => {
      const event = { userId: 'u1', anonymousId: 'a1', groupId: 'g1', previousId: 'p1', event: 'Signed Up' };

      for (const [value, got] of [
        [{ id: 'u1' }, 'object'],
        [['u1'], 'array'],
        [false, 'boolean'],
      ]) {
        expect(findFault({ ...event, [field as string]: value }, type, SETTINGS)).toEqual({
          reason: 'invalid_event',
          detail: `${field}: expected a non-empty string or an exact number, got ${got}`,
        });
      }
    },
  );

  const illegal = (field: string) => ({
    reason: 'illegal_identifier',
    detail: `${field}: a bug or a placeholder of its sender, not an id; allowIdentifiers of the source lists exceptions`,
  });

  it.each([
    ['identify', { userId: 'undefined', anonymousId: 'a1' }, 'userId'],
    ['track', { userId: 'null', event: 'Signed Up', traits: { email: 'ada@example.com' } }, 'userId'],
    ['page', { traits: { userId: 'None' }, anonymousId: 'a1' }, 'userId'],
    ['screen', { context: { traits: { userId: 'nil' } } }, 'userId'],
    ['group', { groupId: 'g1', context: { externalId: [{ type: 'id', id: 'NaN' }] } }, 'userId'],
    ['group', { groupId: 'NaN', userId: 'u1' }, 'groupId'],
    ['group', { groupId: 'g1', userId: 'NaN' }, 'userId'],
    ['alias', { userId: '[object Object]', previousId: 'p1' }, 'userId'],
    ['alias', { userId: 'u1', previousId: 'undefined' }, 'previousId'],
    ['alias', { userId: 'u1', previousId: 'guest' }, 'previousId'],
    ['alias', { userId: 0, previousId: 'p1' }, 'userId'],
    ['track', { anonymousId: 'undefined', event: 'Signed Up' }, 'anonymousId'],
    ['identify', { anonymousId: 'undefined' }, 'anonymousId'],
  ] as const)('finds an id that is a bug in %s %j', (type, event, field) => {
    expect(findFault(event, type, SETTINGS)).toEqual(illegal(field));
  });

  it.each([
    ['identify', { userId: 'undefined' }],
    ['track', { anonymousId: ' undefined ', event: 'Signed Up' }],
    ['group', { groupId: 'undefined' }],
    ['alias', { userId: 'guest', previousId: 'undefined' }],
  ] as const)('takes what the source allows in %s %j', (type, event) => {
    const settings = { ...SETTINGS, allowIdentifiers: ['undefined', 'guest'] };

    expect(findFault(event, type, settings)).toBeUndefined();
  });

  it.each([
    ['identify', { userId: 'u1', anonymousId: 'undefined' }],
    ['page', { traits: { email: 'ada@example.com' }, anonymousId: 'null' }],
    ['group', { groupId: 'g1', anonymousId: 'null', traits: { userId: 'null' } }],
  ] as const)('costs %s %j nothing that its visitor is a bug', (type, event) => {
    expect(findFault(event, type, SETTINGS)).toBeUndefined();
  });
});
