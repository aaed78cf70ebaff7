// Who writes into an archive's folder, one after the other: the local stack appends, and commands rewrite whole files, in
// processes of their own. SQLite's lock on a file, which the system lifts when the process is gone, however it went.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isObject } from '../../lib/json/json-object';
import { sleep } from '../../lib/sleep';

/** SQLITE_BUSY: somebody else has it. */
const BUSY = 5;
const POLL_MS = 5;

/** Waits without holding the process up: the one who has the lock may be in it. */
export const whileOnlyWriter = async <T>(folder: string, work: () => Promise<T>): Promise<T> => {
  await mkdir(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    while (!isLocked(database)) await sleep(POLL_MS);
    return await work();
  } finally {
    database.close();
  }
};

const isLocked = (database: DatabaseSync): boolean => {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (isObject(error) && error['errcode'] === BUSY) return false;
    throw error;
  }
};
