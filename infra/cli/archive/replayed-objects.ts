// Which objects of the archive a replay has read to their ends, in a file beside its checkpoint. Firehose may bring an
// object of an hour that was passed long ago: what is not here is still to be read. One line is added for each, so that
// it costs the same however many there are.

import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import type { StoredObject } from '../../archive/store';
import type { Checkpoint } from '../import/checkpoint';

/** With how many lines it had. */
export interface ReadObject extends StoredObject {
  readonly lines: number;
}

export class ReplayedObjects {
  private constructor(
    private readonly path: string,
    private readonly header: string,
    private readonly read: Map<string, Pick<ReadObject, 'bytes' | 'lines'>>,
  ) {}

  /** Those of this replay; a file of another counts for nothing. */
  static async open(
    checkpointPath: string,
    { fingerprint, startedAt }: Checkpoint,
  ): Promise<ReplayedObjects> {
    const path = pathFor(checkpointPath);
    const header = `${fingerprint} ${startedAt}`;
    const [first, ...entries] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    return new ReplayedObjects(path, header, new Map(first === header ? entries.flatMap(parse) : []));
  }

  static remove(checkpointPath: string): Promise<void> {
    return rm(pathFor(checkpointPath), { force: true });
  }

  /** False too of one that was written anew since, or has grown. */
  has(object: StoredObject): boolean {
    return this.read.get(nameOf(object))?.bytes === object.bytes;
  }

  /** How many of its lines were read before it has grown. */
  linesOf(object: Pick<StoredObject, 'key' | 'version'>): number {
    return this.read.get(nameOf(object))?.lines ?? 0;
  }

  /** Each with a line break before it: what a kill cut off is a line that means nothing. */
  async add(objects: readonly ReadObject[]): Promise<void> {
    if (objects.length === 0) return;
    if (this.read.size === 0) await writeFile(this.path, this.header);
    const entries = objects.map((object) => `\n${object.bytes} ${object.lines} ${nameOf(object)}`);
    await appendFile(this.path, entries.join(''));
    for (const object of objects) this.read.set(nameOf(object), object);
  }
}

const pathFor = (checkpointPath: string): string => `${checkpointPath}.objects`;

const nameOf = ({ key, version }: Pick<StoredObject, 'key' | 'version'>): string => `${version} ${key}`;

const ENTRY = /^(\d+) (\d+) (.+)$/;

const parse = (entry: string): [string, Pick<ReadObject, 'bytes' | 'lines'>][] => {
  const [, bytes, lines, name] = ENTRY.exec(entry) ?? [];
  return name === undefined ? [] : [[name, { bytes: Number(bytes), lines: Number(lines) }]];
};
