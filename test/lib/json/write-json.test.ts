import { isDeeperThan, unlessTooDeep, writeDeepJson, writeJson } from '../../../lib/json/write-json';

const DEEP_TEXT = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

it('writes a value as JSON', () => {
  expect(writeJson({ text: 'é' })).toBe('{"text":"é"}');
});

it('answers nothing for a value that nests too deeply to be written', () => {
  expect(writeJson(JSON.parse(DEEP_TEXT))).toBeUndefined();
});

it('writes a value of any depth where it must', () => {
  expect(writeDeepJson(JSON.parse(DEEP_TEXT)) === DEEP_TEXT).toBe(true);
});

it('hides no other error', () => {
  const fail = (): never => {
    throw new TypeError('a bug');
  };

  expect(() => unlessTooDeep(fail)).toThrow('a bug');
});

it('counts the levels of arrays and objects', () => {
  expect(isDeeperThan({ a: [1] }, 1)).toBe(true);
  expect(isDeeperThan({ a: [1] }, 2)).toBe(false);
  expect(isDeeperThan('text', 0)).toBe(false);
});
