// Waiting for what another process or thread does: asks again until it is so.

import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 20;

/** Resolves as soon as the condition holds. @throws Error when it does not within the time. */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 5_000,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${timeoutMs} ms: ${condition}`);
    await delay(PAUSE_MS);
  }
};
