// The two sizes of each proof: of minutes for `npm run chaos`, of seconds for `npm test`. They differ in
// numbers alone.

import type { ChaosPlan } from './chaos';
import type { FreezePlan } from './freeze';
import type { RatePlan } from './rate';

const FAULTS = {
  throttle: 0.1,
  serverError: 0.05,
  reset: 0.02,
  lostAnswer: 0.02,
  truncatedAnswer: 0.02,
} as const;

export const fullPlan = (seed: number): ChaosPlan => ({
  seed,
  events: 100_000,
  people: 2_000,
  maxRequestEvents: 20,
  consumers: 4,
  kills: 24,
  requestsPerSecond: 200,
  batchSize: 10,
  // The client gives up after 20 s; by then Customer.io has long taken the operations.
  faults: { ...FAULTS, slow: 0.01, slowMs: 25_000, seed },
  outageMs: 5_000,
  hangMs: 25_000,
  // An invocation that waits for a slow answer may use its whole minute.
  visibilityTimeoutSeconds: 70,
  // Fifteen minutes become ten seconds.
  timeFactor: 90,
  maxMinutes: 20,
});

/** No answer is slower than the client's 20 s, because each would cost as much. */
export const smallPlan = (seed: number): ChaosPlan => ({
  ...fullPlan(seed),
  events: 1_500,
  people: 80,
  consumers: 2,
  kills: 5,
  batchSize: 5,
  faults: { ...FAULTS, seed },
  outageMs: 3_000,
  hangMs: 4_000,
  visibilityTimeoutSeconds: 8,
  timeFactor: 270,
  maxMinutes: 3,
});

/** Thirty seconds are longer than the client waits for an answer: it arrived in time and is late all the same. */
export const fullFreezePlan: FreezePlan = { requestsPerSecond: 10, requests: 90, frozenMs: 30_000 };

export const smallFreezePlan: FreezePlan = { requestsPerSecond: 5, requests: 30, frozenMs: 10_000 };

export const fullRatePlan: RatePlan = { requestsPerSecond: 20, consumers: 4, seconds: 30 };

export const smallRatePlan: RatePlan = { ...fullRatePlan, seconds: 10 };
