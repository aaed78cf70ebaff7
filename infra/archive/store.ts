// Where the archive's objects are, as everything that reads or rewrites them knows it: a bucket, or a folder of this
// machine. Keys have no leading slash.

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Another one once it was written anew; the same while it grows. */
  readonly version: string;
}

export interface ArchiveStore {
  /** As a person calls it. */
  readonly name: string;
  /** All objects whose keys begin with this, in the order of their keys. @param after only those behind it. */
  list(prefix: string, after?: string): AsyncIterable<StoredObject>;
  /** Names of what lies directly below this, and has objects in it; the prefix ends in a slash. */
  folders(prefix: string): Promise<string[]>;
  /** Undefined when there is none (any more). */
  read(key: string): Promise<Buffer | undefined>;
  /** Whole or not at all. */
  write(key: string, content: Buffer): Promise<void>;
  /**
   * Writes what is made of an object's content (undefined: there is none), unless somebody has written it since it was
   * read: then of what they wrote. `make` may so be called several times. Undefined leaves the object as it is.
   *
   * @throws AlwaysWritten when others write it each time.
   */
  change(key: string, make: (content: Buffer | undefined) => Buffer | 'remove' | undefined): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Somebody else has written an object between each reading and writing of it. */
export class AlwaysWritten extends Error {
  override readonly name = 'AlwaysWritten';

  /** @param place the object, as a person calls it. */
  constructor(place: string) {
    super(`${place} is written by somebody else all the time.`);
  }
}
