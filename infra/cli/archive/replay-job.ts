// A replay under way: what is meant, how far earlier runs have come, and the lines that are still to be looked at.

import { readFile } from 'node:fs/promises';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import { type Checkpoint, readCheckpoint, removeCheckpoint } from '../import/checkpoint';
import type { Queue } from '../target';
import type { ArchiveOptions } from './open-archive';
import type { Fates, ReplayRules } from './replay-fate';
import { ReplayedObjects } from './replayed-objects';
import { type Place, type ScannedLine, type ScanOptions, scanObjects } from './scan';
import type { SelectionOptions } from './selection';

export interface ReplayOptions extends ArchiveOptions, SelectionOptions {
  readonly toWorkspace?: string;
  readonly allowCampaigns?: boolean;
  readonly deleted?: string;
  readonly rate?: number;
  readonly share: number;
  readonly checkpoint?: string;
  readonly restart?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** How far a replay has come. */
export interface ReplayCheckpoint extends Checkpoint {
  /** The object that it is at, and the line that was sent last. */
  readonly at: Place;
}

/** A run of the command, once the archive and the checkpoint are open. */
export interface Job {
  readonly options: ReplayOptions;
  readonly store: ArchiveStore;
  readonly queue: Queue;
  readonly rules: ReplayRules;
  readonly fates: Fates;
  readonly scanning: Omit<ScanOptions, 'onObject'>;
  readonly replayed: ReplayedObjects;
  /** Those that are still to be read. */
  readonly objects: readonly StoredObject[];
  readonly checkpoint: ReplayCheckpoint;
  readonly checkpointPath: string;
}

export const forgetProgress = async (checkpointPath: string): Promise<void> => {
  await removeCheckpoint(checkpointPath);
  await ReplayedObjects.remove(checkpointPath);
};

/** @param path undefined for a beginning anew that takes nothing away. */
export const openCheckpoint = async (
  path: string | undefined,
  fingerprint: string,
): Promise<ReplayCheckpoint> => {
  const known = await readCheckpoint(path, fingerprint, new Date().toISOString());
  const stored = path === undefined ? {} : parseJson(await readFile(path, 'utf8').catch(() => ''));
  const { at } = isObject(stored) ? stored : {};
  const { key, version, line } = isObject(at) ? at : {};
  return {
    ...known,
    at: { key: String(key ?? ''), version: String(version ?? ''), line: Number(line) || 0 },
  };
};

/** The one that it is at first, then in their order. */
export const pendingObjects = (
  all: readonly StoredObject[],
  replayed: ReplayedObjects,
  { at: { key } }: ReplayCheckpoint,
): StoredObject[] => {
  const pending = all.filter((object) => !replayed.has(object));
  return [
    ...pending.filter((object) => object.key === key),
    ...pending.filter((object) => object.key !== key),
  ];
};

/** Whether an earlier run has passed it: an object that was written anew since is another. */
const isPassed = ({ place }: ScannedLine, { replayed, checkpoint: { at } }: Job): boolean =>
  place.line <= replayed.linesOf(place) ||
  (place.key === at.key && place.version === at.version && place.line <= at.line);

/** Only what is after the checkpoint; of an object that was written anew since all, of one that has grown the rest. */
export async function* pending(
  job: Job,
  onObject: NonNullable<ScanOptions['onObject']>,
): AsyncGenerator<ScannedLine> {
  const { store, objects, scanning } = job;
  for await (const line of scanObjects(store, objects, { ...scanning, onObject })) {
    if (!isPassed(line, job)) yield line;
  }
}

/** So that no further line of an event that was sent is sent. */
export const notePassed = async (job: Job, all: readonly StoredObject[]): Promise<void> => {
  const { store, scanning, replayed, checkpoint, fates } = job;
  const begun = all.filter((object) => replayed.linesOf(object) > 0 || object.key === checkpoint.at.key);
  for await (const line of scanObjects(store, begun, { ...scanning, onBroken: () => undefined })) {
    if (isPassed(line, job)) fates.notePassed(line);
  }
};
