// What costs something to ask is asked once, and its answer used for a while. A failure is asked again.

interface Answer<T> {
  readonly at: number;
  readonly promise: Promise<T>;
}

/** More keys than anybody looks at in the time. */
const MAX_KEYS = 50;

export const remembered = <T>(
  forMs: number,
  clock: () => number,
  ask: (key: string) => Promise<T>,
): ((key: string) => Promise<T>) => {
  const answers = new Map<string, Answer<T>>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined && clock() - known.at < forMs) return known.promise;
    if (answers.size >= MAX_KEYS) answers.clear();
    const promise = ask(key);
    answers.set(key, { at: clock(), promise });
    promise.catch(() => answers.delete(key));
    return promise;
  };
};
