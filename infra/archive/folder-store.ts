// The archive in a folder of this machine: what the local stack writes, laid out as in a bucket.

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { whileOnlyWriter } from './folder-lock';
import type { ArchiveStore, StoredObject } from './store';

export const folderStore = (folder: string): ArchiveStore => ({
  name: folder,
  list: (prefix, after) => list(folder, prefix, after),
  folders: (prefix) => folders(folder, prefix),
  read: (key) => read(folder, key),
  write: (key, content) => write(folder, key, content),
  change: (key, make) => whileOnlyWriter(folder, () => change(folder, key, make)),
  remove: (key) => remove(folder, key),
});

const read = (folder: string, key: string): Promise<Buffer | undefined> =>
  readFile(join(folder, key)).catch(unlessMissing);

const write = async (folder: string, key: string, content: Buffer): Promise<void> => {
  const path = join(folder, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}${UNFINISHED}`, content);
  await rename(`${path}${UNFINISHED}`, path);
};

/** What the local stack appended between the reading and the writing would be lost: it waits. */
const change = async (folder: string, key: string, make: Parameters<ArchiveStore['change']>[1]) => {
  const made = make(await read(folder, key));
  if (made === 'remove') await remove(folder, key);
  else if (made !== undefined) await write(folder, key, made);
};

const remove = (folder: string, key: string): Promise<void> => rm(join(folder, key), { force: true });

/** One that a kill left behind is listed as any object is: what it holds must be found to be forgotten. */
const UNFINISHED = '.unfinished';

async function* list(folder: string, prefix: string, after = ''): AsyncGenerator<StoredObject> {
  const deepest = join(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1));
  const entries = await readdir(deepest, { recursive: true, withFileTypes: true }).catch(unlessMissing);
  const keys = (entries ?? [])
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  for (const key of keys.filter((one) => one.startsWith(prefix) && one > after).sort()) {
    const found = await stat(join(folder, key)).catch(unlessMissing);
    if (found !== undefined) yield { key, bytes: found.size, version: `${found.ino}-${found.birthtimeMs}` };
  }
}

const folders = async (folder: string, prefix: string): Promise<string[]> => {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(unlessMissing);
  return (entries ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name);
};

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
};
