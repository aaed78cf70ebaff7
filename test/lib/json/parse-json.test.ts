import { parseJson, parseJsonOrText } from '../../../lib/json/parse-json';

it.each([
  ['{"a":[1]}', { a: [1] }],
  ['null', null],
  ['"text"', 'text'],
])('JSON is what it says: %s', (text, value) => {
  expect([parseJson(text), parseJsonOrText(text)]).toEqual([value, value]);
});

it.each(['', '{', 'undefined', 'a text'])('What is no JSON is nothing, or the text itself: "%s"', (text) => {
  expect([parseJson(text), parseJsonOrText(text)]).toEqual([undefined, text]);
});
