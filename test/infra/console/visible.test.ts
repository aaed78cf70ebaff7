// What an event has that nobody would see is written out, and what belongs to how a language or an emoji is written stays.

import { visible } from '../../../infra/console/visible';

it.each([
  ['a right-to-left override', 'photo\u202egnp.exe', 'photo\\u202egnp.exe'],
  [
    'all bidirectional controls',
    '\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u200e\u200f\u061c',
    /^(\\u[0-9a-f]{4}){11}$/,
  ],
  ['a blank without width', 'ad\u200bmin', 'ad\\u200bmin'],
  ['a byte order mark', '\ufeffid', '\\ufeffid'],
  ['a soft hyphen', 'a\u00adb', 'a\\u00adb'],
  ['a joiner between Latin letters', 'a\u200db', 'a\\u200db'],
  ['control characters', 'a\u0000b\u001bc\u007fd\u0085', 'a\\u0000b\\u001bc\\u007fd\\u0085'],
  ['separators of lines', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['letters that are blank', 'a\u3164b\u115f\u2800', 'a\\u3164b\\u115f\\u2800'],
  ['tags, each as the two parts that JSON has', '\u{e0041}', '\\udb40\\udc41'],
  ['a variant of a letter that has none', 'a\ufe0f', 'a\\ufe0f'],
  ['half a character', 'a\ud83d', 'a\\ud83d'],
])('%s', (_, text, expected) => {
  expect(visible(text)).toEqual(expected instanceof RegExp ? expect.stringMatching(expected) : expected);
});

it.each([
  'Zoë\n\tMüller',
  'שלום',
  'می\u200cخواهم',
  'क्\u200dष',
  '👩\u200d🚀 👩🏽\u200d💻 ❤\ufe0f\u200d🔥',
  'a\u00a0b',
])('Stays as it is: %j', (text) => {
  expect(visible(text)).toBe(text);
});

it('In JSON it is the same value', () => {
  const value = { 'na\u202eme': 'a\u200bb\u2028\u{e0041}\ud83d', in: ['\ufeff'] };
  const json = JSON.stringify(value, null, 2);
  expect(visible(json)).not.toBe(json);
  expect(JSON.parse(visible(json))).toEqual(value);
});
