// A file that a command writes under a name of the user's choosing: never over another, and whole or not at all,
// whatever ends the command. Half of one would pass for all of it, and be in the way of the same command.

import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { toFailure, usageFailure } from './failure';

/** The mode of what holds keys, or what people are known by. */
export const OWNER_ALONE = 0o600;
const ANYBODY = 0o666;

/**
 * Beside its place first; it gets its name once it is on the disk. Only a process that is killed leaves what it has
 * written: the process stands in its name, so that nobody takes it for their own.
 *
 * @throws Failure where it cannot be written, or something of that name is there, or came meanwhile.
 */
export const writeNewFile = async (
  path: string,
  fill: (file: FileHandle) => Promise<void>,
  mode = ANYBODY,
): Promise<void> => {
  await requireAbsent(path);
  const unfinished = `${path}.${process.pid}.unfinished`;
  const file = await open(unfinished, 'w', mode).catch((error: unknown) => {
    const why = toFailure(error).message.replaceAll(unfinished, path);
    throw usageFailure(`${path} cannot be written: ${why}`, PLACE);
  });
  try {
    await fill(file);
    await file.sync();
    await requireAbsent(path);
    await rename(unfinished, path);
  } finally {
    await file.close();
    await rm(unfinished, { force: true });
  }
};

const PLACE = 'Name one in a folder that is there and may be written.';

const requireAbsent = async (path: string): Promise<void> => {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw usageFailure(`${path} is there already.`, 'Name a file that is not: nothing is overwritten.');
};
