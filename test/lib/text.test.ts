import fc from 'fast-check';
import { cutToBytes, isLongerThan, shorten, withoutByteOrderMark } from '../../lib/text';

it('leaves a text that fits as it is', () => {
  expect(shorten('four', 4)).toBe('four');
  expect(cutToBytes('vier', 4)).toBe('vier');
  expect(cutToBytes('\ufeffhalf \ud800', 11)).toBe('\ufeffhalf \ud800');
});

it('shortens a longer text and shows that it did', () => {
  expect(shorten('fivef', 4)).toBe('fiv…');
});

it('cuts at a character, never inside one', () => {
  expect(cutToBytes('aé', 2)).toBe('a');
  expect(cutToBytes('a👍', 4)).toBe('a');
});

it.each([
  ['', 0, false],
  ['a', 0, true],
  ['four', 4, false],
  ['fives', 4, true],
  ['é', 1, true],
  ['éé', 4, false],
  ['€€', 5, true],
  ['€€', 6, false],
  ['👍', 3, true],
  ['👍', 4, false],
])('%j is longer than %i bytes: %p', (text, maxBytes, expected) => {
  expect(isLongerThan(text, maxBytes)).toBe(expected);
});

it('takes the byte order mark from before a text, and from nowhere else', () => {
  expect(withoutByteOrderMark('\uFEFF{}')).toBe('{}');
  expect(withoutByteOrderMark('{}\uFEFF')).toBe('{}\uFEFF');
});

it('keeps a byte order mark, which is a character like any other', () => {
  expect(cutToBytes('\uFEFFabc', 5)).toBe('\uFEFFab');
});

it('keeps the longest beginning of whole characters that fits, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, maxBytes) => {
      const cut = cutToBytes(text, maxBytes);

      expect(text.startsWith(cut)).toBe(true);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
      const [next = ''] = [...text.slice(cut.length)];
      expect(next === '' || Buffer.byteLength(cut + next) > maxBytes).toBe(true);
    }),
  );
});
