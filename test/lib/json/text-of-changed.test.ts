import fc from 'fast-check';
import { textOfChanged } from '../../../lib/json/text-of-changed';

it('What is the same stays byte for byte, and what is another is written', () => {
  const text =
    '{ "a": 1.0, "b": {"n":12345678901234567890, "x": [1e20, {"y":2.50}, 3.0]}, "gone":1, "u":9007199254740993 }';
  const before = JSON.parse(text);
  const { gone: _, ...rest } = before;
  const after = {
    ...rest,
    b: { ...before.b, x: [before.b.x[0], { y: 'new' }, before.b.x[2]] },
    added: { z: null },
    nothing: undefined,
  };

  expect(textOfChanged(text, before, before)).toBe(text);
  expect(textOfChanged(text, before, after)).toBe(
    '{"a":1.0,"b":{"n":12345678901234567890,"x":[1e20,{"y":"new"},3.0]},"u":9007199254740993,"added":{"z":null}}',
  );
});

it.each([
  '1e400',
  '0.12345678901234567',
  '9007199254740993',
  '-1E+999',
  '12345678.123456789',
  '1.234567890123456789',
])('The number %s stays what it is', (number) => {
  const text = `{"n":${number},"gone":1}`;
  const before = JSON.parse(text);

  expect(textOfChanged(text, before, { n: before.n })).toBe(`{"n":${number}}`);
});

it('Whatever the two are, it is the text of the second', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
      const text = textOfChanged(JSON.stringify(before), before, after);

      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(after)));
    }),
  );
});
