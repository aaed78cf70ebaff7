// Groups items that share a key, directly or through others (an alias joins two people): such items
// must keep their order, all others may travel in any.

import type { Item } from './connector';

/** Positions of the items of each group, in the order they must arrive: by timestamp, then by arrival. */
export const groupByKey = (items: readonly Item[]): number[][] => {
  const roots = joinByKey(items);
  // Stryker disable next-line ArrayDeclaration: only spares the list its growing
  const byRoot = new Array<number[] | undefined>(items.length);
  for (let position = 0; position < items.length; position += 1) {
    const root = findRoot(roots, position);
    const group = byRoot[root] ?? [];
    group.push(position);
    byRoot[root] = group;
  }
  // Stryker disable next-line ConditionalExpression: empty places are skipped as it is, which the compiler cannot know
  const groups = byRoot.filter((group) => group !== undefined);
  for (const group of groups) sortByTime(group, items);
  return groups;
};

/** Union-find: `roots[position]` points towards the first item of its group. */
const joinByKey = (items: readonly Item[]): Int32Array => {
  const roots = new Int32Array(items.length);
  const firstWithKey = new Map<string, number>();
  items.forEach(({ keys }, position) => {
    roots[position] = position;
    for (const key of keys) {
      const first = firstWithKey.get(key);
      if (first === undefined) firstWithKey.set(key, position);
      else join(roots, first, position);
    }
  });
  return roots;
};

const join = (roots: Int32Array, a: number, b: number): void => {
  const rootA = findRoot(roots, a);
  const rootB = findRoot(roots, b);
  roots[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
};

/** Halves the path on its way, which keeps the whole near-linear. */
const findRoot = (roots: Int32Array, position: number): number => {
  let current = position;
  for (let parent = at(roots, current); parent !== current; parent = at(roots, current)) {
    roots[current] = at(roots, parent);
    current = at(roots, current);
  }
  return current;
};

const at = (roots: Int32Array, position: number): number => roots[position] ?? position;

const sortByTime = (group: number[], items: readonly Item[]): void => {
  // Stryker disable next-line OptionalChaining: each position is an item's, which the compiler cannot know
  const timeOf = (position: number): number => items[position]?.timestampMs ?? 0;
  let latest = Number.NEGATIVE_INFINITY;
  // Stryker disable next-line BlockStatement: only spares most groups the sorting
  const isInOrder = group.every((position) => {
    const previous = latest;
    latest = timeOf(position);
    // Stryker disable next-line ConditionalExpression,EqualityOperator: the same
    return previous <= latest;
  });
  // Stryker disable next-line ConditionalExpression: only spares most groups the dearer sorting
  if (!isInOrder) group.sort((a, b) => timeOf(a) - timeOf(b));
};
