// Sums of what strangers can cause as often as they like. The first count of a quiet time is told at once, so that
// one is seen as well as many; what follows within the minute is summed, and told with the first request after it.

export interface Sum<Label> {
  readonly label: Label;
  count: number;
}

export interface MinuteTally<Label> {
  add(label: Label, count: number): void;
}

const MINUTE_MS = 60_000;

/** Every tally of this process, as the function that tells what is due. */
const tallies: (() => void)[] = [];

/**
 * To be called with every request. A sandbox that runs no more keeps the sums of its last minute to itself: what is
 * lost are numbers, fewer than one sandbox can make in a minute.
 */
export const tellSums = (): void => {
  for (const tellWhenDue of tallies) tellWhenDue();
};

/** Labels are told apart by their JSON; there must be few, for each is a sum that is kept and told. */
export const minuteTally = <Label extends object>(
  tell: (sums: readonly Sum<Label>[]) => void,
): MinuteTally<Label> => {
  const sums = new Map<string, Sum<Label>>();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const tellWhenDue = (): void => {
    if (sums.size === 0) return;
    const nowMs = Date.now();
    // A clock that was set back must not silence it.
    if (Math.abs(nowMs - toldAtMs) < MINUTE_MS) return;
    toldAtMs = nowMs;
    const due = [...sums.values()];
    sums.clear();
    tell(due);
  };
  tallies.push(tellWhenDue);
  return {
    add: (label, count) => {
      const key = JSON.stringify(label);
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { label, count });
      else sum.count += count;
      tellWhenDue();
    },
  };
};
