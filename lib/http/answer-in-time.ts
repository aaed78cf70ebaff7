// Answers before the sender gives up, whatever hangs behind the door: an answer that says "send it again" keeps
// the request with its sender, and one that never comes is the function's own time-out.

/** What is answered in the place of an answer. */
export interface Otherwise<T> {
  readonly late: () => T;
  readonly failed: (error: unknown) => T;
}

/**
 * What `work` answers, or `late()` when that takes longer than `withinMs`. What is still under way then may even
 * end after the answer and store the events. That is harmless: the sender sends them again, with the same message
 * ids. Neither `Promise.race` nor a listener is used: they would take a quarter of the time of a small request.
 */
export const answerInTime = <T>(
  withinMs: number,
  work: () => Promise<T> | T,
  { late, failed }: Otherwise<T>,
): Promise<T> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(late()), withinMs);
    const answer = (value: T): void => {
      clearTimeout(timer);
      resolve(value);
    };
    const fail = (error: unknown): void => answer(failed(error));
    try {
      Promise.resolve(work()).then(answer, fail);
    } catch (error) {
      fail(error);
    }
  });
