// Where the local stack's archive is: Firehose's stand-in writes the lines of each hour into a file of its own, laid out
// as in a bucket. Old days are removed at the start, as a bucket's lifecycle does it.

import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENTS_PREFIX } from '../archive/layout';

/** Below the folder of the stack's data. */
export const archiveFolder = (dataDir: string): string => join(dataDir, 'archive');

/** The path of its endpoint on the sandbox's port. */
export const FIREHOSE_PATH = '/firehose';

const KEEP_DAYS = 7;
const DAY_MS = 86_400_000;

/** Lines of one place at a time go into its file; two calls do not mix, for each is one write. */
export const appendTo =
  (folder: string) =>
  async (prefix: string, lines: readonly string[]): Promise<void> => {
    const place = join(folder, prefix);
    await mkdir(place, { recursive: true });
    await appendFile(join(place, 'lines.ndjson'), `${lines.join('\n')}\n`);
  };

export const removeOldDays = async (folder: string, now = Date.now()): Promise<void> => {
  const oldest = `day=${new Date(now - KEEP_DAYS * DAY_MS).toISOString().slice(0, 10)}`;
  const events = join(folder, EVENTS_PREFIX);
  for (const source of await readdir(events).catch(() => [])) {
    const days = await readdir(join(events, source));
    const old = days.filter((day) => day < oldest);
    for (const day of old) await rm(join(events, source, day), { recursive: true, force: true });
  }
};
