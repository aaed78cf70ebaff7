// Who was forgotten. The archive keeps a fingerprint of each id, under a key of its own that lies beside: enough to tell
// that an event is of somebody who was forgotten, and nobody can be read from it.

import { createHmac, randomBytes } from 'node:crypto';
import { FORGOTTEN_PREFIX } from '../../archive/layout';
import type { ArchiveStore } from '../../archive/store';
import { Failure } from '../failure';
import { idKey, ownersOf } from '../people';

const KEY = `${FORGOTTEN_PREFIX}key`;
const KEY_BYTES = 32;
/** Beside the key and these, a kill may have left what it was writing. */
const FINGERPRINT = /^[\da-f]{64}$/;

/** What an earlier forgetting of the same person has left behind. */
export interface Before {
  /** When the first was; undefined: there was none. */
  readonly firstAt: string | undefined;
  /** Of every id that the person was found by, though the events that said so be gone. */
  readonly fingerprints: ReadonlySet<string>;
}

export class Forgotten {
  private key: Buffer = randomBytes(KEY_BYTES);
  private readonly fingerprints = new Set<string>();
  private known = new Map<string, string>();

  private constructor(private readonly store: ArchiveStore) {}

  static async open(store: ArchiveStore): Promise<Forgotten> {
    const forgotten = new Forgotten(store);
    await forgotten.refresh();
    return forgotten;
  }

  /** Who was forgotten meanwhile. */
  async refresh(): Promise<void> {
    for await (const { key } of this.store.list(FORGOTTEN_PREFIX)) {
      const name = key.slice(FORGOTTEN_PREFIX.length);
      if (FINGERPRINT.test(name)) this.fingerprints.add(name);
    }
    const key = await this.store.read(KEY);
    if (key === undefined && this.fingerprints.size > 0)
      throw new Failure(
        `${this.store.name}/${KEY} is gone.`,
        'Without it nobody can say who was forgotten: restore it.',
      );
    if (key === undefined || key.equals(this.key)) return;
    this.key = key;
    this.known = new Map();
  }

  async before(ids: Iterable<string>): Promise<Before> {
    const fingerprints = new Set<string>();
    const times: string[] = [];
    for (const id of ids) {
      const own = this.fingerprintOf(id);
      if (!this.fingerprints.has(own)) continue;
      const [at = '', ...beside] = await this.entryOf(own);
      times.push(at);
      for (const one of [own, ...beside]) fingerprints.add(one);
    }
    return { firstAt: times.sort()[0], fingerprints };
  }

  /**
   * The key first: without it a fingerprint says nothing. Each entry has the others of the person, those too that
   * somebody else writes down at the same time.
   *
   * @returns all of the person.
   * @throws Failure when somebody else made another key meanwhile.
   */
  async add(fingerprints: ReadonlySet<string>, now: Date): Promise<ReadonlySet<string>> {
    await this.store.change(KEY, (key) => (key === undefined ? this.key : undefined));
    await this.requireKey();
    const all = new Set(fingerprints);
    let before: number;
    // Once more where an entry had some that the entries before it do not have yet.
    do {
      before = all.size;
      for (const one of [...all]) for (const beside of await this.writeEntry(one, all, now)) all.add(beside);
    } while (all.size > before);
    await this.requireKey();
    return all;
  }

  /** @returns what it has then. */
  private async writeEntry(
    fingerprint: string,
    all: ReadonlySet<string>,
    now: Date,
  ): Promise<ReadonlySet<string>> {
    let known = new Set<string>();
    await this.store.change(FORGOTTEN_PREFIX + fingerprint, (content) => {
      const [firstAt = now.toISOString(), ...beside] = linesOf(content);
      known = new Set([...all, ...beside]);
      const isWhole = content !== undefined && known.size === beside.length;
      return isWhole ? undefined : Buffer.from([firstAt, ...known].map((line) => `${line}\n`).join(''));
    });
    this.fingerprints.add(fingerprint);
    return known;
  }

  private async requireKey(): Promise<void> {
    if ((await this.store.read(KEY))?.equals(this.key)) return;
    throw new Failure(
      'Somebody else began to forget at the same time.',
      'Nothing was removed: give the command again.',
    );
  }

  has(event: unknown): boolean {
    return this.fingerprints.size > 0 && ownersOf(event).some((id) => this.hasId(id));
  }

  hasId(id: string): boolean {
    return this.fingerprints.has(this.fingerprintOf(id));
  }

  fingerprintOf(id: string): string {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const fingerprint = createHmac('sha256', this.key).update(idKey(id)).digest('hex');
    if (this.known.size < MAX_KNOWN_IDS) this.known.set(id, fingerprint);
    return fingerprint;
  }

  private async entryOf(fingerprint: string): Promise<string[]> {
    return linesOf(await this.store.read(FORGOTTEN_PREFIX + fingerprint));
  }
}

const linesOf = (entry: Buffer | undefined): string[] =>
  entry === undefined ? [] : entry.toString().split('\n').filter(Boolean);

/** So many ids are not hashed twice. */
const MAX_KNOWN_IDS = 100_000;
