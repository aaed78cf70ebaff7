import { oneOf } from '../../../lib/config/setting-types';

it.each([
  [['a'], '`a`'],
  [['a', 'b'], '`a` or `b`'],
  [['a', 'b', 'c'], '`a`, `b` or `c`'],
])('%j is named as messages have it', (words, text) => {
  expect(oneOf(words)).toBe(text);
});
