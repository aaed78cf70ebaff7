// The lines of the archive's objects, in whatever way they are compressed. An object that is being written has half a
// line at its end, and one that was forgotten is gone when its turn comes: neither is an error.

import { gunzipSync } from 'node:zlib';
import { type ArchiveLine, readLine } from '../../lib/archive/line';
import type { ArchiveStore } from './store';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

export const isGzip = (content: Buffer): boolean => content.subarray(0, 2).equals(GZIP_MAGIC);

export const textOf = (content: Buffer): string =>
  (isGzip(content) ? gunzipSync(content) : content).toString('utf8');

export const readLines = async (store: ArchiveStore, key: string): Promise<ArchiveLine[]> => {
  const content = await store.read(key);
  if (content === undefined) return [];
  return textOf(content)
    .split('\n')
    .flatMap((text) => (text === '' ? [] : (readLine(text) ?? [])));
};
