// Dates at any depth become Unix seconds; everything else, the object itself included, stays as it is.

import { MAX_NESTING } from '../../../lib/json/json-object';
import { convertDates } from '../../../lib/mapping/convert-dates';

const nest = (value: unknown, levels: number): unknown =>
  JSON.parse(`${'{"inner":'.repeat(levels)}${JSON.stringify(value)}${'}'.repeat(levels)}`);

describe('convertDates', () => {
  it('converts in objects and arrays, however they nest', () => {
    const traits = {
      at: '2024-06-01',
      list: ['2024-06-01', [{ at: '2024-06-01T00:00:01Z' }]],
      inner: { at: '2024-06-01' },
    };

    expect(convertDates(traits)).toEqual({
      at: 1717200000,
      list: [1717200000, [{ at: 1717200001 }]],
      inner: { at: 1717200000 },
    });
  });

  it('gives back the very same object when there is nothing to convert', () => {
    const traits = { name: 'Cool', list: ['a', null, 1, true], inner: { deep: {} } };

    expect(convertDates(traits)).toBe(traits);
  });

  it('copies only the way to a date and leaves what it was given alone', () => {
    const traits = Object.freeze({
      plain: Object.freeze({ a: 1 }),
      dated: Object.freeze(['2024-06-01', 'x']),
    });

    const converted = convertDates(traits);

    expect(converted).toEqual({ plain: { a: 1 }, dated: [1717200000, 'x'] });
    expect(converted['plain']).toBe(traits.plain);
  });

  it('keeps the order of the keys', () => {
    expect(Object.keys(convertDates({ z: '2024-06-01', a: 1, m: '2024-06-01' }))).toEqual(['z', 'a', 'm']);
  });

  it('leaves dates before 1970 as text, and takes 1970 itself', () => {
    expect(convertDates({ born: '1969-12-31T23:59:59.999Z', epoch: '1970-01-01' })).toEqual({
      born: '1969-12-31T23:59:59.999Z',
      epoch: 0,
    });
  });

  it('keeps a key called __proto__ a key and pollutes nothing', () => {
    const traits = JSON.parse('{"__proto__":{"polluted":"2024-06-01"},"at":"2024-06-01"}');

    const converted = convertDates(traits);

    expect(JSON.stringify(converted)).toBe('{"__proto__":{"polluted":1717200000},"at":1717200000}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('converts down to the limit of depth and leaves what lies below', () => {
    const atLimit = nest('2024-06-01', MAX_NESTING) as Record<string, unknown>;
    const belowLimit = nest('2024-06-01', MAX_NESTING + 1) as Record<string, unknown>;

    expect(JSON.stringify(convertDates(atLimit))).toContain('1717200000');
    expect(convertDates(belowLimit)).toBe(belowLimit);
  });

  it('does not overflow the stack on what JSON.parse lets through', () => {
    const deepObject = nest('2024-06-01', 200_000) as Record<string, unknown>;
    const deepArray = { list: JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)) };

    expect(convertDates(deepObject)).toBe(deepObject);
    expect(convertDates(deepArray)).toBe(deepArray);
  });
});
