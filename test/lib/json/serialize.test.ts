import { serialize, unlessTooDeep } from '../../../lib/json/serialize';

it('writes a value as the bytes of its JSON', () => {
  expect(serialize({ text: 'é' })).toEqual(Buffer.from('{"text":"é"}'));
});

it('answers nothing for a value that nests too deeply to be written', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);

  expect(serialize(deep)).toBeUndefined();
});

it('hides no other error', () => {
  const fail = (): never => {
    throw new TypeError('a bug');
  };

  expect(() => unlessTooDeep(fail)).toThrow('a bug');
});
