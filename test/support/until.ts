// Waiting for what another process or thread does: asks again until it is so.

import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 20;
/**
 * Patience, not a promise: what comes at all comes in seconds, but late on a machine that is busy. Less than
 * Jest's own timeout, which cannot say what was waited for.
 */
export const GIVE_UP_MS = 60_000;

/** Resolves as soon as the condition holds. @throws Error when it does not within the time. */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  timeoutMs = GIVE_UP_MS,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${timeoutMs} ms: ${condition}`);
    await delay(PAUSE_MS);
  }
};
