import fc from 'fast-check';
import { messageBytes, toJson, toSqsText } from '../../../lib/queue/outgoing-message';

/** The characters that the API reference of SQS allows, written down independently of the code. */
const isAllowed = (codePoint: number): boolean =>
  codePoint === 0x9 ||
  codePoint === 0xa ||
  codePoint === 0xd ||
  (codePoint >= 0x20 && codePoint <= 0xd7ff) ||
  (codePoint >= 0xe000 && codePoint <= 0xfffd) ||
  (codePoint >= 0x10000 && codePoint <= 0x10ffff);

const isTakenBySqs = (text: string): boolean =>
  Array.from(text).every((character) => isAllowed(character.codePointAt(0) ?? -1));

/** Every UTF-16 unit, lone surrogates too. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe('toJson', () => {
  it.each([
    ['U+FFFE', '\uFFFE', '"\\ufffe"'],
    ['U+FFFF', '\uFFFF', '"\\uffff"'],
    ['a control character', '\u0001', '"\\u0001"'],
    ['a lone surrogate', '\uD800', '"\\ud800"'],
    ['an emoji', '🎉', '"🎉"'],
    ['an umlaut', 'ü', '"ü"'],
  ])('writes %s in a way that SQS takes', (_, text, json) => {
    expect(toJson(text)).toBe(json);
  });

  it('gives, for any value, JSON of that value in which SQS allows every character', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), anyText, (value, text) => {
        const json = toJson([value, text, { [text]: text }]);
        expect(isTakenBySqs(json)).toBe(true);
        expect(json).toBe(
          JSON.stringify(JSON.parse(json)).replaceAll('\uFFFE', '\\ufffe').replaceAll('\uFFFF', '\\uffff'),
        );
        expect(JSON.parse(json)[1]).toBe(text);
      }),
    );
  });
});

describe('toSqsText', () => {
  it('replaces what SQS refuses and nothing else', () => {
    expect(toSqsText('a\tb\nc\r\u0000\u000B\uFFFF\uD800é🎉')).toBe('a\tb\nc\r\uFFFD\uFFFD\uFFFD\uFFFDé🎉');
  });

  it('makes any text one that SQS takes', () => {
    fc.assert(fc.property(anyText, (text) => expect(isTakenBySqs(toSqsText(text))).toBe(true)));
  });
});

describe('messageBytes', () => {
  it('counts body, attribute names, types and values in UTF-8', () => {
    const bytes = messageBytes({ body: 'äb', attributes: { source: 'shöp' } });

    expect(bytes).toBe(3 + 'source'.length + 'String'.length + 5);
  });
});
