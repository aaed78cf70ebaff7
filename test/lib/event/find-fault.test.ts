import { EVENT_TYPES } from '../../../lib/event/event';
import { findFault, typeOf } from '../../../lib/event/find-fault';

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
    ['a previousId', 'alias', { previousId: 'a1' }],
    ['a groupId', 'group', { groupId: 7 }],
    ['an event name', 'track', { userId: 'u1', event: 'Signed Up' }],
  ] as const)('finds none with %s', (_, type, event) => {
    expect(findFault(event, type)).toBeUndefined();
  });

  it.each([
    {},
    { userId: null, anonymousId: '' },
    { userId: ' ' },
    { userId: {} },
    { userId: true },
    { traits: { email: '' }, context: { traits: 'x' } },
    { traits: [], context: null },
    { previousId: 'a1', groupId: 'g1' },
  ])('finds no identifier in %j', (event) => {
    expect(findFault(event, 'identify')).toEqual({
      reason: 'missing_identifier',
      detail: 'userId: the event has none, and no anonymousId or email',
    });
  });

  it.each([undefined, null, '', '  ', 5, {}])('finds no name in the event %j', (name) => {
    expect(findFault({ userId: 'u1', event: name }, 'track')).toEqual({
      reason: 'missing_event_name',
      detail: 'event: expected a name, a string that is not blank',
    });
  });

  it.each(['userId', 'anonymousId', 'groupId', 'previousId'])(
    'finds that a number is too large for %s',
    (field) => {
      const event = { userId: 'u1', event: 'Signed Up' };

      expect(findFault({ ...event, [field]: 2 ** 53 }, 'track')).toEqual({
        reason: 'invalid_event',
        detail: `${field}: a number too large to be exact; send it as a string`,
      });
      expect(findFault({ ...event, [field]: Number.POSITIVE_INFINITY }, 'track')).toBeDefined();
      expect(findFault({ ...event, [field]: -(2 ** 53 - 1) }, 'track')).toBeUndefined();
      expect(findFault({ ...event, [field]: 1.5 }, 'track')).toBeUndefined();
    },
  );
});
