// A stream that ends when it is told to, also where it would only have noticed with the next that comes.

/** @throws the signal's reason when it is aborted. */
export async function* abortable<T>(stream: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = stream[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // It is waited for only while something else is.
  aborted.catch(() => {});
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await Promise.race([iterator.next(), aborted]);
    if (done) return;
    yield value;
  }
}
