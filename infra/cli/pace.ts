// Keeps a bounded rate: whoever sends waits until what was sent so far is no more than the time allows.

import { setTimeout as delay } from 'node:timers/promises';

export interface Pace {
  /** Resolves when `count` more may go. Rejects when the signal is aborted. */
  take(count: number): Promise<void>;
}

/** @param perSecond undefined: as fast as it goes. */
export const paceOf = (perSecond: number | undefined, signal: AbortSignal, now = Date.now): Pace => {
  if (perSecond === undefined) return { take: async () => {} };
  let freeAtMs = now();
  return {
    take: async (count) => {
      const waitMs = freeAtMs - now();
      freeAtMs = Math.max(freeAtMs, now()) + (count / perSecond) * 1_000;
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
    },
  };
};
