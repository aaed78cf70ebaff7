// What became of each item of a request that was taken: it is delivered unless an error names it. Linear in both
// items and errors, because an answer may name one item fifty thousand times.

import type { ItemError } from './connector';
import type { ItemOutcome } from './delivery';

/** More words than these about one item help nobody, and a dead letter would not hold them. */
const MAX_DETAILS = 20;

const DELIVERED: ItemOutcome = { kind: 'delivered' };

/** One outcome for each of `itemCount` items. Errors of positions beyond them are nobody's. */
export const outcomesOf = (itemCount: number, errors: readonly ItemError[]): ItemOutcome[] => {
  const outcomes = new Array<ItemOutcome>(itemCount).fill(DELIVERED);
  for (const [index, details] of detailsByItem(errors)) {
    if (index < itemCount) outcomes[index] = { kind: 'rejected', detail: details.join('; ') };
  }
  return outcomes;
};

const detailsByItem = (errors: readonly ItemError[]): ReadonlyMap<number, readonly string[]> => {
  const byItem = new Map<number, string[]>();
  for (const { index, detail } of errors) {
    const details = byItem.get(index);
    if (details === undefined) byItem.set(index, [detail]);
    else if (details.length < MAX_DETAILS) details.push(detail);
  }
  return byItem;
};
