// The two sizes of a chaos run. They differ in numbers alone.

import type { ChaosPlan } from './chaos';

const FAULTS = { throttle: 0.1, serverError: 0.05, reset: 0.02, lostAnswer: 0.02 } as const;

/** `npm run chaos`: minutes. */
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
  // An invocation that waits for a slow answer may use its whole minute.
  visibilityTimeoutSeconds: 70,
  maxMinutes: 20,
});

/** Within `npm test`: no answer is slower than the client's 20 s, because each would cost as much. */
export const smallPlan = (seed: number): ChaosPlan => ({
  ...fullPlan(seed),
  events: 8_000,
  people: 160,
  consumers: 2,
  kills: 5,
  batchSize: 5,
  faults: { ...FAULTS, seed },
  visibilityTimeoutSeconds: 8,
  maxMinutes: 3,
});
