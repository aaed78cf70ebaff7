// Splits a request that failed along groups of items that share a key, so that its parts may travel beside each
// other. The items of one group keep their order: their parts go one after the other.

import type { Item } from './connector';
import { groupByKey } from './group-by-key';
import type { Random } from './retry-policy';

/**
 * Parts of about the same number of items, none empty. Those of an inner array must arrive one after the other.
 * @param positions in the order they must arrive. @param count the most parts, at least two.
 */
export const splitUp = (
  positions: readonly number[],
  items: readonly Item[],
  count: number,
): (readonly number[])[][] => {
  const groups = groupsOf(positions, items);
  const [only] = groups;
  if (only !== undefined && groups.length === 1) return [cut(only, count)];
  return dealOut(groups, positions.length, count).map((part) => [part]);
};

/**
 * Items that may arrive before the others, first to last: the heads of two groups, or those of a single one. Heads are
 * drawn by lot, because what is tried again and again must not ask the same two culprits each time.
 */
export const probesOf = (
  positions: readonly number[],
  items: readonly Item[],
  random: Random,
): readonly number[] => {
  const groups = groupsOf(positions, items);
  const [only] = groups;
  if (only !== undefined && groups.length === 1) return only;
  const first = draw(groups.length, random);
  const second = (first + 1 + draw(groups.length - 1, random)) % groups.length;
  return [first, second].flatMap((index) => groups[index]?.[0] ?? []);
};

const draw = (count: number, random: Random): number => Math.min(count - 1, Math.floor(random() * count));

const groupsOf = (positions: readonly number[], items: readonly Item[]): number[][] => {
  const own = positions.flatMap((position) => items[position] ?? []);
  return groupByKey(own).map((group) => group.flatMap((index) => positions[index] ?? []));
};

const cut = (positions: readonly number[], count: number): number[][] => {
  const size = Math.ceil(positions.length / count);
  return Array.from({ length: Math.ceil(positions.length / size) }, (_, part) =>
    positions.slice(part * size, (part + 1) * size),
  );
};

/**
 * Deals groups out to parts of about the same size. A part is closed when it has its share. The last group begins a
 * part of its own where there would otherwise be only one part.
 */
const dealOut = (groups: readonly (readonly number[])[], total: number, count: number): number[][] => {
  const share = Math.ceil(total / count);
  const parts: number[][] = [];
  groups.forEach((group, index) => {
    const current = parts.at(-1);
    const isLastAlone = parts.length === 1 && index === groups.length - 1;
    if (current === undefined || current.length >= share || isLastAlone) parts.push([...group]);
    else current.push(...group);
  });
  return parts;
};
