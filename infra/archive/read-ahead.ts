// Reads objects in their order, with those that follow on their way meanwhile: there may be a hundred thousand small
// ones, of which each takes as long to begin as a thousand of its lines to read.

import type { ArchiveStore, StoredObject } from './store';

const MAX_AHEAD = 16;
/** Of those on their way together: one that is not compressed may have that much. */
const MAX_AHEAD_BYTES = 64_000_000;

export interface ReadContent {
  readonly object: StoredObject;
  /** Undefined where there is none any more. */
  readonly content: Buffer | undefined;
}

/** What goes wrong with one is thrown when its turn comes, or never, where the reading has ended before. */
export async function* readInOrder(
  store: ArchiveStore,
  objects: readonly StoredObject[],
): AsyncGenerator<ReadContent> {
  const ahead: Reading[] = [];
  let bytes = 0;
  let begun = 0;
  const beginSome = (): void => {
    for (const object of objects.slice(begun, begun + MAX_AHEAD - ahead.length)) {
      if (ahead.length > 0 && bytes + object.bytes > MAX_AHEAD_BYTES) return;
      ahead.push(begin(store, object));
      bytes += object.bytes;
      begun += 1;
    }
  };
  beginSome();
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    const { object, content } = next;
    yield { object, content: await content };
    bytes -= object.bytes;
    beginSome();
  }
}

interface Reading {
  readonly object: StoredObject;
  readonly content: Promise<Buffer | undefined>;
}

const begin = (store: ArchiveStore, object: StoredObject): Reading => {
  const content = store.read(object.key);
  content.catch(() => undefined);
  return { object, content };
};
