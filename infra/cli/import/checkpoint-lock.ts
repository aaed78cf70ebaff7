// One command at a time works by a checkpoint: two would send the same twice, and each write over what the other has
// written. SQLite's lock on a file of its own, which the system lifts when the process is gone, however it went.

import { DatabaseSync } from 'node:sqlite';
import { isObject } from '../../../lib/json/json-object';
import { Failure } from '../failure';

/** SQLITE_BUSY: somebody else has it. */
const BUSY = 5;

/** The file of the lock stays: were it removed, a third command could lock another of its name. */
export const whileLocked = async <T>(checkpointPath: string, work: () => Promise<T>): Promise<T> => {
  const database = new DatabaseSync(`${checkpointPath}.lock`);
  try {
    lock(database, checkpointPath);
    return await work();
  } finally {
    database.close();
  }
};

const lock = (database: DatabaseSync, checkpointPath: string): void => {
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    throw isBusy(error) ? inUse(checkpointPath) : error;
  }
};

const isBusy = (error: unknown): boolean => isObject(error) && error['errcode'] === BUSY;

const inUse = (checkpointPath: string): Failure =>
  new Failure(
    `${checkpointPath} is in use by another command that is at work.`,
    'Wait until it has ended, then give the command again: it goes on from there.',
  );
