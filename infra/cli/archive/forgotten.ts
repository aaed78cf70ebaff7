// Who was forgotten. The archive keeps a fingerprint of each id, under a key of its own that lies beside: enough to tell
// that an event is of somebody who was forgotten, and nobody can be read from it.

import { createHmac, randomBytes } from 'node:crypto';
import { FORGOTTEN_PREFIX } from '../../archive/layout';
import type { ArchiveStore } from '../../archive/store';
import { idKey, ownersOf } from '../people';

const KEY = `${FORGOTTEN_PREFIX}key`;
const KEY_BYTES = 32;

export class Forgotten {
  private constructor(
    private readonly store: ArchiveStore,
    private readonly key: Buffer,
    private readonly fingerprints: Set<string>,
  ) {}

  static async open(store: ArchiveStore): Promise<Forgotten> {
    const fingerprints = new Set<string>();
    for await (const { key } of store.list(FORGOTTEN_PREFIX)) {
      if (key !== KEY) fingerprints.add(key.slice(FORGOTTEN_PREFIX.length));
    }
    return new Forgotten(store, (await store.read(KEY)) ?? randomBytes(KEY_BYTES), fingerprints);
  }

  /** The key first: without it a fingerprint says nothing. */
  async add(ids: readonly string[], now: Date): Promise<void> {
    await this.store.write(KEY, this.key);
    for (const id of ids) {
      const fingerprint = this.fingerprintOf(id);
      await this.store.write(FORGOTTEN_PREFIX + fingerprint, Buffer.from(`${now.toISOString()}\n`));
      this.fingerprints.add(fingerprint);
    }
  }

  has(event: unknown): boolean {
    return this.fingerprints.size > 0 && ownersOf(event).some((id) => this.hasId(id));
  }

  hasId(id: string): boolean {
    return this.fingerprints.has(this.fingerprintOf(id));
  }

  fingerprintOf(id: string): string {
    return createHmac('sha256', this.key).update(idKey(id)).digest('hex');
  }
}
