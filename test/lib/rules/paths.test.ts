import { childOf, isExact, isIdField, parsePath, placesAt, readAt } from '../../../lib/rules/paths';

describe('a path', () => {
  it.each([
    ['traits.email', ['traits', 'email']],
    ['traits.a\\.b', ['traits', 'a.b']],
    ['a\\\\.b', ['a\\', 'b']],
    ['properties.5 \\* hotel', ['properties', '5 * hotel']],
    ['userId', ['userId']],
    ['$.plan', ['plan']],
    ['$', ['$']],
  ])('%s is %j', (text, expected) => {
    expect(parsePath(text)).toEqual(expected);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a.**', 'a.**.b'])('%j is none', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });

  it('is exact without a star', () => {
    expect(isExact(parsePath('a.b') ?? [])).toBe(true);
    expect(isExact(parsePath('a.*') ?? [])).toBe(false);
  });

  it.each([
    ['userId', true],
    ['userId.a', false],
    ['traits.userId', false],
    ['traits', false],
  ])('leads to an id of the event itself: %s, %s', (text, expected) => {
    expect(isIdField(parsePath(text) ?? [])).toBe(expected);
  });

  it('leads to own keys and indexes, never to what an object inherits', () => {
    const value = JSON.parse('{"a":{"b":[{"c":1}]},"__proto__":{"d":2}}');

    expect(readAt(value, ['a', 'b', '0', 'c'])).toBe(1);
    expect(readAt(value, ['__proto__', 'd'])).toBe(2);
    expect(childOf({}, '__proto__')).toBeUndefined();
    expect(childOf({}, 'constructor')).toBeUndefined();
    expect(childOf([1], 'length')).toBeUndefined();
    for (const key of ['-1', ' 0', '0 ', '0x0']) expect(childOf([1], key)).toBeUndefined();
    expect(childOf(Array(12).fill('x', 10), '10')).toBe('x');
    expect(childOf('text', 'length')).toBeUndefined();
    expect(childOf(null, 'a')).toBeUndefined();
  });

  it('with stars means every place that is there', () => {
    const value = { list: [{ sku: 1 }, 'x', { sku: 2 }], utm_a: 1, utm_b: 2, other: 3 };

    expect(placesAt(value, parsePath('list.*.sku') ?? [])).toEqual([
      ['list', '0', 'sku'],
      ['list', '1', 'sku'],
      ['list', '2', 'sku'],
    ]);
    expect(placesAt(value, parsePath('utm_*') ?? [])).toEqual([['utm_a'], ['utm_b']]);
    expect(placesAt(value, parsePath('other.*') ?? [])).toEqual([]);
    expect(placesAt({ a: null }, parsePath('a.*') ?? [])).toEqual([]);
    expect(placesAt({ a: 'text' }, parsePath('a.*') ?? [])).toEqual([]);
  });
});
