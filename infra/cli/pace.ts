// Keeps a bounded rate: whoever sends waits until what was sent so far is no more than the time allows.

import { setTimeout as delay } from 'node:timers/promises';

export interface Pace {
  /** What may be asked for at once: a second's worth. */
  readonly most: number;
  /** Resolves when `count` more may go. Rejects when the signal is aborted. */
  take(count: number): Promise<void>;
}

/** How much is under way at once where no bound is given. */
const UNBOUNDED = 40;

/** @param perSecond undefined: as fast as it goes. */
export const paceOf = (perSecond: number | undefined, signal: AbortSignal, now = Date.now): Pace => {
  if (perSecond === undefined) return { most: UNBOUNDED, take: async () => {} };
  let freeAtMs = now();
  return {
    most: Math.max(1, Math.floor(perSecond)),
    take: async (count) => {
      const waitMs = freeAtMs - now();
      freeAtMs = Math.max(freeAtMs, now()) + (count / perSecond) * 1_000;
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
    },
  };
};
