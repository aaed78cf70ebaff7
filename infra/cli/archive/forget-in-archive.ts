// `relay forget` in the archive: which ids lead to which, which objects hold the person, and these without them.

import { gzipSync } from 'node:zlib';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { ERRORS_PREFIX, EVENTS_PREFIX } from '../../archive/layout';
import { isCut, isGzip, recordsIn, tryTextOf, unpacked, unpackedText } from '../../archive/read';
import { readInOrder } from '../../archive/read-ahead';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import { Failure } from '../failure';
import type { Io } from '../io';
import { idKey, peopleOf } from '../people';
import { bar, startProgress } from '../progress';
import {
  type Ids,
  type IsOfThem,
  mayMention,
  otherIdsIn,
  type Treatment,
  withoutPerson,
} from './forget-line';

/**
 * Until no event has another: a visitor's id leads to an email, and that to a userId. Where the person was forgotten
 * before, the event that led there may be gone: then their fingerprints tell.
 *
 * @param ids are added to.
 * @param wasForgotten whether an id is one of theirs by which they were forgotten before; undefined where `ids` has all.
 */
export const addOtherIds = async (
  store: ArchiveStore,
  ids: Set<string>,
  wasForgotten: IsOfThem | undefined,
  io: Io,
): Promise<void> => {
  let isOfThem = wasForgotten;
  for (let before = -1; before < ids.size; isOfThem = undefined) {
    before = ids.size;
    const isKnown = isOfThem;
    await eachObject(store, io, 'looking for other ids', (_, text) => {
      if (isKnown !== undefined || mayMention(text, ids)) addIdsIn(text, ids, isKnown);
    });
  }
};

const addIdsIn = (text: string, ids: Set<string>, isKnown: IsOfThem | undefined): void => {
  for (const event of eventsIn(text)) {
    const known = isKnown === undefined ? [] : peopleOf(event).filter(isKnown);
    for (const id of known) ids.add(idKey(id));
    for (const id of otherIdsIn(event, ids)) ids.add(idKey(id));
  }
};

const eventsIn = (text: string): unknown[] =>
  text.split('\n').flatMap((one) => {
    const line = parseJson(one);
    return isObject(line) && 'event' in line ? [line['event']] : [];
  });

/** @returns keys of objects that are broken: nobody can say whom they hold. */
const eachObject = async (
  store: ArchiveStore,
  io: Io,
  what: string,
  visit: (key: string, text: string) => void | Promise<void>,
): Promise<ReadonlySet<string>> => {
  const progress = startProgress(io);
  const broken = new Set<string>();
  try {
    const objects: StoredObject[] = [];
    for (const prefix of [EVENTS_PREFIX, ERRORS_PREFIX])
      for await (const object of store.list(prefix)) objects.push(object);
    let done = 0;
    for await (const { object, content } of readInOrder(store, objects)) {
      io.signal.throwIfAborted();
      const { key } = object;
      const text = content && tryTextOf(content);
      if (text !== undefined) await visit(key, unpackedText(key, text));
      if (content !== undefined && (text === undefined || isCut(content))) broken.add(key);
      done += 1;
      progress.update(`${bar(done, objects.length)} ${what}`);
    }
    return broken;
  } finally {
    progress.stop();
  }
};

/** What of the archive holds somebody. */
export interface ObjectsFound {
  /** Keys of objects, with how many of their lines. */
  readonly objects: ReadonlyMap<string, number>;
  /** Keys of objects that nobody can read, or not to their ends. */
  readonly broken: readonly string[];
}

export const findObjects = async (store: ArchiveStore, ids: Ids, io: Io): Promise<ObjectsFound> => {
  const objects = new Map<string, number>();
  const broken = await eachObject(store, io, 'looking for the person', (key, text) => {
    if (!mayMention(text, ids)) return;
    const lines = text.split('\n').filter((line) => withoutPerson(line, ids, 'remove') !== line).length;
    if (lines > 0) objects.set(key, lines);
  });
  return { objects, broken: [...broken] };
};

/** @returns how many lines are not what they were. */
export const rewriteObjects = async (
  store: ArchiveStore,
  keys: readonly string[],
  ids: Ids,
  treatment: Treatment,
  io: Io,
): Promise<number> => {
  const progress = startProgress(io);
  let lines = 0;
  const rewritten: string[] = [];
  try {
    for (const [index, key] of keys.entries()) {
      const changed = await rewrite(store, key, ids, treatment);
      if (changed > 0) rewritten.push(key);
      lines += changed;
      progress.update(`${bar(index + 1, keys.length)} rewriting`);
    }
    await rewriteAgain(store, rewritten, ids, treatment);
    return lines;
  } finally {
    progress.stop();
  }
};

/** No object that somebody else forgets in at the same time is written anew by them more often. */
const MAX_ROUNDS = 10;

/** Somebody else's command may have read an object before this one wrote it, and have written it after. */
const rewriteAgain = async (
  store: ArchiveStore,
  keys: readonly string[],
  ids: Ids,
  treatment: Treatment,
): Promise<void> => {
  let left = keys;
  for (let round = 0; left.length > 0; round++) {
    if (round === MAX_ROUNDS)
      throw new Failure(
        `${store.name}/${left[0]} is written by somebody else all the time.`,
        'It may hold the person still: give the command again when nobody else forgets.',
      );
    const changed: string[] = [];
    for (const key of left) if ((await rewrite(store, key, ids, treatment)) > 0) changed.push(key);
    left = changed;
  }
};

/** @returns how many lines of it are not what they were. */
const rewrite = async (store: ArchiveStore, key: string, ids: Ids, treatment: Treatment): Promise<number> => {
  const isUnplaced = key.startsWith(ERRORS_PREFIX);
  const clean = isUnplaced ? cleanError : cleanLine;
  let most = 0;
  await store.change(key, (content) => {
    if (content === undefined) return undefined;
    const text = tryTextOf(content) ?? '';
    const lines = isUnplaced ? recordsIn(text) : text.split('\n');
    const cleaned = lines.map((line) => clean(line, ids, treatment));
    const changed = sum(cleaned.map((one) => one.changed));
    // Asked again after an answer that was lost, it finds nothing more.
    most = Math.max(most, changed);
    if (changed === 0) return undefined;
    const kept = cleaned.flatMap((one) => one.lines);
    if (kept.every((line) => line === '')) return 'remove';
    const left = Buffer.from(kept.join('\n'));
    return isGzip(content) ? gzipSync(left) : left;
  });
  return most;
};

interface Cleaned {
  readonly lines: readonly string[];
  readonly changed: number;
}

const cleanLine = (line: string, ids: Ids, treatment: Treatment): Cleaned => {
  const left = withoutPerson(line, ids, treatment);
  return { lines: left === undefined ? [] : [left], changed: left === line ? 0 : 1 };
};

/** Nothing of it when all that is in it goes. */
const cleanError = (text: string, ids: Ids, treatment: Treatment): Cleaned => {
  const raw = unpacked(text);
  const cleaned = raw.split('\n').map((line) => cleanLine(line, ids, treatment));
  const changed = sum(cleaned.map((one) => one.changed));
  if (changed === 0) return { lines: [text], changed };
  const left = cleaned.flatMap(({ lines }) => lines);
  const line = parseJson(text);
  if (raw === text || !isObject(line)) return { lines: left, changed };
  const kept = left.join('\n');
  if (kept.trim() === '') return { lines: [], changed };
  return { lines: [JSON.stringify({ ...line, rawData: Buffer.from(kept).toString('base64') })], changed };
};

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);
