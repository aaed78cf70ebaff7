import fc from 'fast-check';
import { compactJson, formatJson } from '../../../../infra/console/page/json-text';

it('Numbers stay as they are written, to the last digit', () => {
  const text = '{"big":12345678901234567890,"total":1.10,"list":[1e2,[],{}],"a\\"b":"x, {y}: [z]"}';

  expect(compactJson(formatJson(text))).toBe(text);
  expect(formatJson(text)).toContain('"big": 12345678901234567890');
});

it('It is laid out as JSON.stringify lays it out, whatever it is, and closed up again', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const value: unknown = JSON.parse(json);
      const text = JSON.stringify(value);
      expect(formatJson(text)).toBe(JSON.stringify(value, null, 2));
      expect(compactJson(JSON.stringify(value, null, 2))).toBe(text);
    }),
  );
});

it.each(['', '{"a":', 'plain text', '{,}'])('What is no JSON stays as it is: %s', (text) => {
  expect([formatJson(text), compactJson(text)]).toEqual([text, text]);
});

it('What nests deeper than anybody reads is one line, and stays short', () => {
  const text = `{"a":${'['.repeat(14_000)}1${']'.repeat(14_000)}}`;
  expect(formatJson(text)).toBe(text);
});
