import fc from 'fast-check';
import {
  elementTexts,
  elementTextsBetween,
  membersOf,
  memberText,
  objectText,
  withMember,
} from '../../../lib/json/slices';
import { anyCharacter } from '../../support/any-character';
import { startCpuClock } from '../../support/cpu';

/** JSON with whitespace wherever it may stand, and with texts full of what has a meaning outside of them. */
const text = fc.oneof(
  fc.constantFrom('",', '\\', '\\"', '[{', '}],', ':', 'batch', '\\\\"'),
  fc.string({ unit: anyCharacter, maxLength: 8 }),
);
/** Without a backslash: V8 13.6 takes the name `",` for the name `\\"` once it has parsed an object with that one. */
const name = text.filter((characters) => !characters.includes('\\'));
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constantFrom(null, true, 1e20, -0.5),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}));
const write = fc.constantFrom(
  (value: unknown) => JSON.stringify(value),
  (value: unknown) => JSON.stringify(value, null, '\t'),
  (value: unknown) => ` \r\n${JSON.stringify(value, null, 3)}\n `,
);

describe('elementTexts', () => {
  it('gives what JSON.parse gives, element by element', () => {
    fc.assert(
      fc.property(fc.array(anyValue), write, (array, toText) => {
        const parsed: unknown = JSON.parse(toText(array));
        expect(elementTexts(toText(array)).map((element) => JSON.parse(element))).toEqual(parsed);
      }),
    );
  });

  it.each([
    [
      '[1e20, 12345678901234567890 ,"a\\u0062",{"a" : [1, 2]}]',
      ['1e20', '12345678901234567890', '"a\\u0062"', '{"a" : [1, 2]}'],
    ],
    ['[]', []],
    [' [ ] ', []],
    ['[[],[[]],{}]', ['[]', '[[]]', '{}']],
    ['["\\\\","\\"",","]', ['"\\\\"', '"\\""', '","']],
  ])('keeps every character of %s', (array, expected) => {
    expect(elementTexts(array)).toEqual(expected);
  });

  it('follows any nesting', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

    expect(elementTexts(`[${deep},1]`)).toEqual([deep, '1']);
  });

  it('takes a time that grows with the text, whatever is in it', () => {
    const cpuMsOf = (bytes: number): number => {
      const body = `["${'\\"'.repeat(bytes / 4)}",${'0,'.repeat(bytes / 4)}0]`;
      const spentMs = startCpuClock();
      expect(elementTexts(body)).toHaveLength(bytes / 4 + 2);
      return spentMs();
    };
    cpuMsOf(1_048_576);

    // A few tens of milliseconds; with mutants in the code, and on a machine that is busy, more than a second.
    expect(cpuMsOf(1_048_576)).toBeLessThan(5_000);
  });
});

describe('elementTextsBetween', () => {
  it.each(['{"batch":[1,2', '{"batch":["a', '{"batch":["a\\\\\\"]}'])(
    'is nothing of a text that is cut off: %s',
    (text) => {
      expect(elementTextsBetween('{"batch":', text, '}')).toBeUndefined();
    },
  );

  it('gives what elementTexts gives of the array alone', () => {
    fc.assert(
      fc.property(fc.array(anyValue), write, (array, toText) => {
        const json = toText(array).trim();
        expect(elementTextsBetween('{"batch":', `{"batch":${json}}`, '}')).toEqual(elementTexts(json));
      }),
    );
  });

  it.each([
    '{"batch":[1],"batch":[2]}',
    '{"batch":[1],"context":{}}',
    '{"batch":[1]} ',
    '{"batch": [1]}',
    '[1]',
    '{"batch":{}}',
  ])('leaves %s to who reads the names of members', (text) => {
    expect(elementTextsBetween('{"batch":', text, '}')).toBeUndefined();
  });
});

describe('memberText', () => {
  it('gives what JSON.parse gives, member by member', () => {
    fc.assert(
      fc.property(fc.dictionary(name, anyValue), write, (object, toText) => {
        const parsed = JSON.parse(toText(object)) as Record<string, unknown>;
        for (const key of Object.keys(parsed)) {
          expect(JSON.parse(memberText(toText(object), key) ?? '')).toEqual(parsed[key]);
        }
      }),
    );
  });

  it.each([
    ['{"a":{"batch":1},"batch" : [1e20] }', '[1e20]'],
    ['{"batch":1,"batch":2}', '2'],
    ['{"b\\u0061tch":3}', '3'],
    ['{"a":"batch"}', undefined],
    ['{}', undefined],
  ])('finds `batch` in %s as it is', (object, expected) => {
    expect(memberText(object, 'batch')).toBe(expected);
  });
});

describe('membersOf and objectText', () => {
  it('take an object apart and put the same together again', () => {
    fc.assert(
      fc.property(fc.dictionary(name, anyValue), write, (object, toText) => {
        const text = toText(object);
        expect(JSON.parse(objectText(membersOf(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keep every character of a value, and of several of one name the last', () => {
    expect(membersOf('{"a": 1e20, "b\\u0062" :[ 1 ]}')).toEqual([
      ['a', '1e20'],
      ['bb', '[ 1 ]'],
    ]);
    expect(objectText(membersOf('{"a":1,"b":2,"a":3}'))).toBe('{"a":3,"b":2}');
    expect(objectText([])).toBe('{}');
  });
});

describe('withMember', () => {
  it.each([
    ['{}', '{"type":"track"}'],
    ['{"n" : 1e20}', '{"n":1e20,"type":"track"}'],
    ['{"type":null,"n":1}', '{"type":"track","n":1}'],
  ])('gives %s that member', (object, expected) => {
    expect(withMember(object, 'type', '"track"')).toBe(expected);
  });
});
