// The lines of the archive's objects, in whatever way they are compressed. An object that is being written has half a
// line at its end, and one that was forgotten is gone when its turn comes: neither is an error.

import { constants, gunzipSync } from 'node:zlib';
import { type ArchiveLine, readLine } from '../../lib/archive/line';
import { isObject } from '../../lib/json/json-object';
import { parseJson } from '../../lib/json/parse-json';
import { ERRORS_PREFIX } from './layout';
import type { ArchiveStore } from './store';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

export const isGzip = (content: Buffer): boolean => content.subarray(0, 2).equals(GZIP_MAGIC);

/** Of one that was cut, as much as there is. @throws Error when it is broken otherwise. */
export const textOf = (content: Buffer): string =>
  (isGzip(content) ? gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH }) : content).toString('utf8');

/** Undefined for an object that is broken. */
export const tryTextOf = (content: Buffer): string | undefined => {
  try {
    return textOf(content);
  } catch {
    return undefined;
  }
};

/** The lines in an object's text. What Firehose could not place it stores in Base64, a record of many lines as one. */
export const unpackedText = (key: string, text: string): string =>
  key.startsWith(ERRORS_PREFIX) ? recordsIn(text).map(unpacked).join('\n') : text;

/**
 * Of what could not be placed: on lines of their own or with nothing between them, which nobody promises. Within a text of
 * JSON its quotes are escaped, so that no text is taken for the beginning of the next.
 */
export const recordsIn = (text: string): string[] => text.replace(NEXT_RECORD, '\n').split('\n');

/** Firehose's own, or a line. */
const NEXT_RECORD = /(?<=\})(?=\{"(?:attemptsMade|receivedAt)":)/g;

/** What is in a record that could not be placed; the very same text where it is none. */
export const unpacked = (text: string): string => {
  const record = parseJson(text);
  const raw = isObject(record) ? record['rawData'] : undefined;
  return typeof raw === 'string' ? recordsIn(Buffer.from(raw, 'base64').toString('utf8')).join('\n') : text;
};

/** Whether the end of an object that can be read is missing. */
export const isCut = (content: Buffer): boolean => {
  if (!isGzip(content)) return false;
  try {
    gunzipSync(content);
    return false;
  } catch {
    return true;
  }
};

export const readLines = async (store: ArchiveStore, key: string): Promise<ArchiveLine[]> => {
  const content = await store.read(key);
  if (content === undefined) return [];
  return (tryTextOf(content) ?? '')
    .split('\n')
    .flatMap((text) => (text === '' ? [] : (readLine(text) ?? [])));
};
