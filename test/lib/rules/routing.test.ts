import { compileSelector, nameOf } from '../../../lib/rules/routing';
import type { Condition } from '../../../lib/rules/rule';

const EVENT = {
  type: 'track',
  event: ' Order Completed ',
  userId: 17,
  properties: { total: 0, paid: true, coupon: null, tags: ['a', 'b'], 'a.b': 'dotted' },
};

const holds = (when: Condition): boolean | undefined => compileSelector({ when }).when?.(EVENT);

describe('a condition', () => {
  it.each<[Condition, boolean]>([
    [{ field: 'properties.total', equals: 0 }, true],
    [{ field: 'properties.total', equals: '0' }, false],
    [{ field: 'properties.paid', equals: true }, true],
    [{ field: 'properties.total', oneOf: [1, 0] }, true],
    [{ field: 'properties.total', oneOf: [1] }, false],
    [{ field: 'properties.tags.*', equals: 'b' }, true],
    [{ field: 'properties.tags.0', equals: 'b' }, false],
    [{ field: 'properties.a\\.b', exists: true }, true],
    [{ field: 'properties.coupon', exists: true }, false],
    [{ field: 'properties.coupon', exists: false }, true],
    [{ field: 'properties.missing.deep', exists: false }, true],
    [{ field: 'userId', matches: '1*' }, true],
    [{ field: 'properties.paid', matches: 't*' }, false],
    [{ field: 'properties.total', matches: '0' }, true],
    [{ field: 'properties.tags.*', matches: ['x', 'b*'] }, true],
    [
      {
        all: [
          { field: 'userId', equals: 17 },
          { field: 'userId', exists: false },
        ],
      },
      false,
    ],
    [
      {
        any: [
          { field: 'userId', equals: 18 },
          { field: 'userId', exists: true },
        ],
      },
      true,
    ],
    [{ not: { field: 'userId', equals: 17 } }, false],
  ])('%j holds: %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });
});

describe('a condition on an id', () => {
  const meets = (userId: unknown, when: Condition) =>
    compileSelector({ when }).when?.({ type: 'track', userId });

  it.each<[unknown, Condition, boolean]>([
    [17, { field: 'userId', equals: '17' }, true],
    ['17', { field: 'userId', equals: 17 }, true],
    [17, { field: 'userId', oneOf: ['16', '17'] }, true],
    ['17', { field: '$.userId', oneOf: [17] }, true],
    ['', { field: 'userId', exists: true }, false],
    ['', { field: 'userId', exists: false }, true],
    [0, { field: 'userId', exists: true }, true],
    [true, { field: 'userId', equals: 'true' }, false],
    ['true', { field: 'userId', equals: true }, false],
  ])('is met by %j in %j, whichever door has taken it: %s', (userId, when, expected) => {
    expect(meets(userId, when)).toBe(expected);
  });

  it('is one on the event itself: elsewhere a number is no text', () => {
    const when: Condition = { field: 'properties.userId', equals: '17' };

    expect(compileSelector({ when }).when?.({ properties: { userId: 17 } })).toBe(false);
  });
});

describe('a selector', () => {
  it('means all events when it asks nothing', () => {
    const { concerns, when } = compileSelector();

    expect(concerns('nonsense', undefined)).toBe(true);
    expect(when).toBeUndefined();
  });

  it('asks type and name', () => {
    const { concerns } = compileSelector({ type: ['track', 'page'], event: ['Order *', 'Home'] });

    expect(concerns('track', 'Order Paid')).toBe(true);
    expect(concerns('page', 'Home')).toBe(true);
    expect(concerns('screen', 'Home')).toBe(false);
    expect(concerns('track', 'Paid')).toBe(false);
    expect(concerns('track', undefined)).toBe(false);
  });
});

it.each([
  [EVENT, 'Order Completed'],
  [{ type: 'page', name: 'Home', event: 'x' }, 'Home'],
  [{ type: 'screen', name: 'Home' }, 'Home'],
  [{ type: 'screen', name: ' ', properties: { name: 'Home' }, event: 'x' }, 'Home'],
  [{ type: 'screen', name: 5, properties: [], event: ' Home ' }, 'Home'],
  [{ type: 'screen', properties: { name: {} } }, undefined],
  [{ type: 'page', properties: { name: 'Home' }, event: 'Home' }, undefined],
  [{ type: 'identify', name: 'x', event: 'y' }, undefined],
  [{ type: 'track', event: 7 }, undefined],
])('the name of %j is %s', (event, expected) => {
  expect(nameOf(event)).toBe(expected);
});
