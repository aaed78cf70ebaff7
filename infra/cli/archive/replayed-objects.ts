// Which objects of the archive a replay has read to their ends, in a file beside its checkpoint. Firehose may bring an
// object of an hour that was passed long ago: what is not here is still to be read. One line is added for each, so that
// it costs the same however many there are.

import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import type { StoredObject } from '../../archive/store';
import type { Checkpoint } from '../import/checkpoint';

export class ReplayedObjects {
  private constructor(
    private readonly path: string,
    private readonly header: string,
    private readonly entries: Set<string>,
  ) {}

  /** Those of this replay; a file of another counts for nothing. */
  static async open(
    checkpointPath: string,
    { fingerprint, startedAt }: Checkpoint,
  ): Promise<ReplayedObjects> {
    const path = pathFor(checkpointPath);
    const header = `${fingerprint} ${startedAt}`;
    const [first, ...entries] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    return new ReplayedObjects(path, header, new Set(first === header ? entries : []));
  }

  static remove(checkpointPath: string): Promise<void> {
    return rm(pathFor(checkpointPath), { force: true });
  }

  /** One that was written anew since is another. */
  has(object: StoredObject): boolean {
    return this.entries.has(entryOf(object));
  }

  /** Each with a line break before it: what a kill cut off is a line that means nothing. */
  async add(objects: readonly StoredObject[]): Promise<void> {
    if (objects.length === 0) return;
    if (this.entries.size === 0) await writeFile(this.path, this.header);
    await appendFile(this.path, objects.map((object) => `\n${entryOf(object)}`).join(''));
    for (const object of objects) this.entries.add(entryOf(object));
  }
}

const pathFor = (checkpointPath: string): string => `${checkpointPath}.objects`;

const entryOf = ({ key, version }: StoredObject): string => `${version} ${key}`;
