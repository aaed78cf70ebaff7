// Where the local stack's archive is: Firehose's stand-in writes the lines of each hour into a file of its own, laid out
// as in a bucket. Old days are removed at the start, as a bucket's lifecycle does it.

import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { whileOnlyWriter } from '../archive/folder-lock';
import { ERRORS_PREFIX, EVENTS_PREFIX } from '../archive/layout';
import { oneAfterTheOther } from '../console/server/in-turn';

/** Below the folder of the stack's data. */
export const archiveFolder = (dataDir: string): string => join(dataDir, 'archive');

/** The path of its endpoint on the sandbox's port. */
export const FIREHOSE_PATH = '/firehose';

const KEEP_DAYS = 7;
const DAY_MS = 86_400_000;

/** A start of the stack reads the newest files whole. */
const MAX_FILE_BYTES = 8_000_000;

/**
 * Files of this run alone, and a file that has enough is followed by another. One after the other: Node writes half a
 * megabyte at a time, and what another invocation brings would come to stand within a line.
 */
export const appendTo = (folder: string, startedAtMs = Date.now()) => {
  const files = new Map<string, { number: number; bytes: number }>();
  const inTurn = oneAfterTheOther();
  const append = async (prefix: string, lines: readonly string[]): Promise<void> => {
    const text = `${lines.join('\n')}\n`;
    const last = files.get(prefix) ?? { number: 1, bytes: 0 };
    const file = last.bytes < MAX_FILE_BYTES ? last : { number: last.number + 1, bytes: 0 };
    files.set(prefix, { ...file, bytes: file.bytes + text.length });
    const place = join(folder, prefix);
    await mkdir(place, { recursive: true });
    await appendFile(join(place, `${startedAtMs}-${String(file.number).padStart(4, '0')}.ndjson`), text);
  };
  return (prefix: string, lines: readonly string[]): Promise<void> =>
    inTurn(() => whileOnlyWriter(folder, () => append(prefix, lines)));
};

/** Of what could not be placed as well, whose folders are called by the day alone. */
export const removeOldDays = async (folder: string, now = Date.now()): Promise<void> => {
  const oldest = new Date(now - KEEP_DAYS * DAY_MS).toISOString().slice(0, 10);
  const places = [EVENTS_PREFIX, ERRORS_PREFIX].map((prefix) => join(folder, prefix));
  const sources = (await Promise.all(places.map(foldersIn))).flat();
  const days = (await Promise.all(sources.map(foldersIn))).flat();
  const old = days.filter((day) => basename(day).replace('day=', '') < oldest);
  for (const day of old) await rm(day, { recursive: true, force: true });
};

/** None in what is not there. A file, as a file manager leaves it behind, is none. */
const foldersIn = async (path: string): Promise<string[]> => {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
};
