// Makes a stream end at once when a signal is aborted, also while it waits for its next element.

/** @throws the signal's reason when it is aborted. */
export async function* abortable<T>(stream: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Nobody may be waiting when the signal is aborted; that is no unhandled rejection.
  aborted.catch(() => {});
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await Promise.race([iterator.next(), aborted]);
    if (done) return;
    yield value;
  }
}
