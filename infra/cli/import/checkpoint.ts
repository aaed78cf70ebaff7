// How far an import has come, in a file beside the one it imports. What it says is done is on the queue; what was sent
// after it was written is sent again, as the same events.

import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { isObject } from '../../../lib/json/json-object';
import { type Failure, usageFailure } from '../failure';
import type { Input } from './input';

export interface Tally {
  /** Records of the file that are done with. */
  records: number;
  events: number;
  /** By reason. */
  rejected: Record<string, number>;
  /** Bytes of the file of rejected events. */
  rejectedBytes: number;
}

export interface Checkpoint extends Tally {
  readonly version: 1;
  /** What the import is of: the file, and what decides its events. */
  readonly fingerprint: string;
  readonly startedAt: string;
  readonly isDone: boolean;
}

/** `settings`: what else decides the events, so that a run that goes on makes the same. */
export const fingerprintOf = ({ name, size, head }: Input, settings: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([name, size, settings]))
    .update(head)
    .digest('hex');

/** The one there is, else a new one. @throws Failure when it is of another file or other settings. */
export const readCheckpoint = async (
  path: string | undefined,
  fingerprint: string,
  startedAt: string,
): Promise<Checkpoint> => {
  const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    return {
      version: 1,
      fingerprint,
      startedAt,
      isDone: false,
      records: 0,
      events: 0,
      rejected: {},
      rejectedBytes: 0,
    };
  }
  const known = parse(text);
  if (known === undefined) throw noCheckpoint(path);
  if (known.fingerprint === fingerprint) return known;
  throw usageFailure(
    `The checkpoint ${path} is of another file, or of other options.`,
    'Give the same file and options as before, or --restart to begin anew.',
  );
};

/** To begin anew. @throws Failure for a file that is none: it is somebody's, and stays. */
export const removeCheckpoint = async (path: string): Promise<void> => {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  if (parse(text) === undefined) throw noCheckpoint(path);
  await rm(path, { force: true });
};

const noCheckpoint = (path: string | undefined): Failure =>
  usageFailure(`${path} is no checkpoint.`, 'It is left as it is: give another file with --checkpoint.');

const parse = (text: string): Checkpoint | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    return isCheckpoint(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

const isCheckpoint = (value: unknown): value is Checkpoint =>
  isObject(value) &&
  value['version'] === 1 &&
  typeof value['fingerprint'] === 'string' &&
  typeof value['startedAt'] === 'string' &&
  typeof value['records'] === 'number' &&
  isObject(value['rejected']);

/** Whole or not at all, whenever the process is killed. */
export const writeCheckpoint = async (path: string, checkpoint: Checkpoint): Promise<void> => {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(JSON.stringify(checkpoint));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
};
