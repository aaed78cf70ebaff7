import type { Item } from '../../../lib/delivery/connector';
import { groupByKey } from '../../../lib/delivery/group-by-key';
import { toJsonBytes } from '../../../lib/delivery/json-bytes';

const item = (timestampMs: number, ...keys: readonly string[]): Item => ({
  json: toJsonBytes('{}'),
  keys,
  timestampMs,
});

it('Items without a key in common are apart, in the order of their arrival', () => {
  expect(groupByKey([item(3, 'a'), item(2, 'b'), item(1), item(0)])).toEqual([[0], [1], [2], [3]]);
});

it('Items that share a key are in order of time, then of arrival', () => {
  const items = [item(20, 'a'), item(10, 'a'), item(20, 'a'), item(10, 'a')];

  expect(groupByKey(items)).toEqual([[1, 3, 0, 2]]);
  expect(groupByKey([item(1, 'a'), item(5, 'a'), item(3, 'a')])).toEqual([[0, 2, 1]]);
});

it('An item with the keys of two groups joins them', () => {
  const items = [item(3, 'a'), item(2, 'b'), item(0, 'c'), item(1, 'a', 'b')];

  expect(groupByKey(items)).toEqual([[3, 1, 0], [2]]);
});
