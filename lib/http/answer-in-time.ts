// Answers before the sender gives up, whatever hangs behind the door: an answer that says "send it again" keeps
// the request with its sender, and one that never comes is the function's own time-out.

import { once } from 'node:events';

/**
 * What `work` answers, or `late()` when that takes longer than `withinMs`. The signal aborts then; what is still
 * under way may even end after the answer and store the events. That is harmless: the sender sends them again,
 * with the same message ids.
 */
export const answerInTime = async <T>(
  withinMs: number,
  work: (deadline: AbortSignal) => Promise<T>,
  late: () => T,
): Promise<T> => {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), withinMs);
  try {
    return await Promise.race([work(deadline.signal), once(deadline.signal, 'abort').then(late)]);
  } finally {
    clearTimeout(timer);
  }
};
