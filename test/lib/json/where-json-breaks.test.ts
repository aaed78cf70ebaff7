import { whereJsonBreaks } from '../../../lib/json/where-json-breaks';

const errorOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
};

it('The place is told, and nothing of the text', () => {
  expect(whereJsonBreaks(errorOf('[\n  {"key":"secret",}\n]'))).toBe(', at position 20 (line 2 column 19)');
  expect(whereJsonBreaks(errorOf('["secret'))).toBe(', at position 8 (line 1 column 9)');
});

it('A line is told where there is one', () => {
  expect(whereJsonBreaks(new SyntaxError('Expected , in JSON at position 13'))).toBe(', at position 13');
});

it.each([errorOf('[secret]'), errorOf(''), 'no error'])(
  'Nothing is told where there is none: %s',
  (error) => {
    expect(whereJsonBreaks(error)).toBe('');
  },
);
