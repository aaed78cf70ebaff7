import fc from 'fast-check';
import { deepToJson } from '../../../lib/json/deep-json';

it('writes every JSON value as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text);
      expect(deepToJson(value)).toBe(JSON.stringify(value));
    }),
  );
});

it.each([
  ['arrays', '['.repeat(200_000) + ']'.repeat(200_000)],
  ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
])('writes %s that nest deeper than JSON.stringify can follow', (_, text) => {
  const value: unknown = JSON.parse(text);

  expect(() => JSON.stringify(value)).toThrow(RangeError);
  expect(deepToJson(value) === text).toBe(true);
});

it('leaves out a member that has no value, as JSON.stringify does', () => {
  const value = { a: undefined, b: { c: undefined }, d: 1 };
  expect(deepToJson(value)).toBe(JSON.stringify(value));
});
