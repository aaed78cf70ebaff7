// Items of which it is known where they lie in their chunks: what is apart there must not be taken for one run.

import type { Item } from '../../../lib/delivery/connector';
import { JsonBytes } from '../../../lib/delivery/json-bytes';
import { serialize } from '../../../lib/delivery/serialize';

/** Each lies in the chunk where its text first stands. */
const itemsIn = (chunk: string, ...texts: readonly string[]): Item[] => {
  const bytes = Buffer.from(chunk);
  return texts.map((text) => ({
    json: new JsonBytes(bytes, bytes.indexOf(text), Buffer.byteLength(text)),
    keys: [],
    timestampMs: 0,
  }));
};
const bodyOf = (items: readonly Item[]): string => serialize([...items.keys()], items, ['[', ']']).toString();

let copies: jest.SpyInstance;

beforeEach(() => {
  copies = jest.spyOn(Buffer.prototype, 'copy');
});

it('copies at once what was written one after another', () => {
  expect(bodyOf(itemsIn('"a","é","c",', '"a"', '"é"', '"c"'))).toBe('["a","é","c"]');
  expect(copies).toHaveBeenCalledTimes(1);
});

it('copies apart what another item stands between', () => {
  expect(bodyOf(itemsIn('"a","b","c","d",', '"a"', '"c"', '"d"'))).toBe('["a","c","d"]');
  expect(copies).toHaveBeenCalledTimes(2);
});

it('copies apart what was written in another order', () => {
  expect(bodyOf(itemsIn('1,2,', '2', '1'))).toBe('[2,1]');
  expect(copies).toHaveBeenCalledTimes(2);
});

it('copies apart what stands in two chunks, even where one begins as the other ends', () => {
  const items = [...itemsIn('"a",', '"a"'), ...itemsIn('"b","c",', '"c"')];

  expect(bodyOf(items)).toBe('["a","c"]');
  expect(copies).toHaveBeenCalledTimes(2);
});

it('passes over a position at which nothing stands', () => {
  const items = itemsIn('"a","b",', '"a"', '"b"');

  expect(serialize([0, 7, 1], items, ['[', ']']).toString()).toBe('["a","b"]');
});
