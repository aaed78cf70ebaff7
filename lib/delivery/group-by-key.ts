// Groups items that share a key, directly or through others (an alias joins two people): such items
// must keep their order, all others may travel in any.

import type { Item } from './connector';

/** Positions of the items of each group, in the order they must arrive: by timestamp, then by arrival. */
export const groupByKey = (items: readonly Item[]): number[][] => {
  const roots = joinByKey(items);
  const groups = new Map<number, number[]>();
  for (let position = 0; position < items.length; position += 1) {
    const root = findRoot(roots, position);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [position]);
    else group.push(position);
  }
  return [...groups.values()].map((group) => sortByTime(group, items));
};

/** Union-find: `roots[position]` points towards the first item of its group. */
const joinByKey = (items: readonly Item[]): Int32Array => {
  const roots = Int32Array.from(items, (_, position) => position);
  const firstWithKey = new Map<string, number>();
  items.forEach((item, position) => {
    for (const key of item.keys) {
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

const sortByTime = (group: number[], items: readonly Item[]): number[] => {
  // Stryker disable next-line OptionalChaining: each position is an item's, which the compiler cannot know
  const timeOf = (position: number): number => items[position]?.timestampMs ?? 0;
  return group.sort((a, b) => timeOf(a) - timeOf(b));
};
