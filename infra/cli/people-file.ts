// A file that names people, an id or email a line, for `--deleted`.

import { readFile } from 'node:fs/promises';
import { cannotRead } from './failure';
import type { Io } from './io';

/** @throws Failure when it cannot be read. One that is empty is told: it may have been meant to keep somebody back. */
export const readPeopleFile = async (path: string, { err }: Pick<Io, 'err'>): Promise<string[]> => {
  const text = await readFile(path, 'utf8').catch(
    cannotRead(path, 'Give a file with an id or email a line.'),
  );
  const ids = text.split('\n').flatMap((line) => line.trim() || []);
  if (ids.length === 0) err(`${path} names nobody: nothing is kept back for it.`);
  return ids;
};
