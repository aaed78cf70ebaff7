// Reads lines of the archive in the order of their objects' keys, some objects ahead of the one whose turn it is; after
// them what Firehose could not place. An object that was delivered twice, or a line, is told once.

import { type ArchiveLine, readLine } from '../../../lib/archive/line';
import { memberText } from '../../../lib/json/slices';
import { ERRORS_PREFIX, endsOf, errorDayOf, sourcePrefix, type TimeRange } from '../../archive/layout';
import { isCut, tryTextOf, unpackedText } from '../../archive/read';
import { readInOrder } from '../../archive/read-ahead';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import type { Io } from '../io';
import { SeenTexts } from './event-marks';
import type { ReadObject } from './replayed-objects';

export interface ScannedLine extends ArchiveLine {
  /** Of its object, from 1. */
  readonly place: Place;
  /** The event's own text, to the last digit of a number. */
  readonly eventText: string | undefined;
}

export interface Place extends Pick<StoredObject, 'key' | 'version'> {
  readonly line: number;
}

export interface ScanOptions {
  readonly sources: readonly string[];
  readonly range: TimeRange;
  readonly signal: AbortSignal;
  /** Told after each object, when all its lines are taken. */
  readonly onObject?: (done: number, whole: number, object: ReadObject) => void;
  /** Told of each object that is broken, whose lines are passed over, or cut, so that the last of them are missing. */
  readonly onBroken: (key: string, what: 'broken' | 'cut') => void;
}

export async function* scan(store: ArchiveStore, options: ScanOptions): AsyncGenerator<ScannedLine> {
  yield* scanObjects(store, await objectsIn(store, options), options);
}

/** These alone. */
export async function* scanObjects(
  store: ArchiveStore,
  objects: readonly StoredObject[],
  { sources, range, signal, onObject, onBroken }: ScanOptions,
): AsyncGenerator<ScannedLine> {
  const isMeant = meantBy(sources, range);
  const seen = new SeenInPlace();
  let done = 0;
  for await (const { object, content } of readInOrder(store, objects)) {
    signal.throwIfAborted();
    const text = textIn(object.key, content, onBroken);
    for (const { line, written } of linesOf(object, text)) {
      if (isMeant(line) && seen.isFirst(line, written)) yield line;
    }
    done += 1;
    onObject?.(done, objects.length, { ...object, lines: text.split('\n').length - 1 });
  }
}

/** What could not be placed lies together, whatever its source. */
const meantBy = (sources: readonly string[], range: TimeRange): ((line: ScannedLine) => boolean) => {
  const [from = '', until = ''] = [range.fromMs, range.untilMs].map((ms) => new Date(ms).toISOString());
  return ({ receivedAt, source, place }) =>
    receivedAt >= from && receivedAt < until && (!isUnplaced(place) || sources.includes(source));
};

const isUnplaced = ({ key }: Pick<StoredObject, 'key'>): boolean => key.startsWith(ERRORS_PREFIX);

/** Those by source and hour, then those that may hold more of this time: what could not be placed came last. */
export const objectsIn = async (
  store: ArchiveStore,
  options: Pick<ScanOptions, 'sources' | 'range'>,
): Promise<StoredObject[]> => [
  ...(await placedObjectsIn(store, options)),
  ...(await unplacedObjectsIn(store, options.range)),
];

const DAY_MS = 86_400_000;

/** Nothing comes to Firehose before it is received; an object has the day of what came first in it. */
export const unplacedObjectsIn = async (
  store: ArchiveStore,
  { fromMs }: TimeRange,
): Promise<StoredObject[]> => {
  const firstDay = new Date(Math.max(0, fromMs - DAY_MS)).toISOString().slice(0, 10);
  const objects: StoredObject[] = [];
  for await (const object of store.list(ERRORS_PREFIX))
    if ((errorDayOf(object.key) ?? firstDay) >= firstDay) objects.push(object);
  return objects.sort(byKey);
};

/** In the order of their keys, which is that of time for each source: one search of each, however many days it is. */
const placedObjectsIn = async (
  store: ArchiveStore,
  { sources, range }: Pick<ScanOptions, 'sources' | 'range'>,
): Promise<StoredObject[]> => {
  const objects: StoredObject[] = [];
  for (const source of sources) {
    const { first, last } = endsOf(source, range);
    for await (const object of store.list(sourcePrefix(source), first)) {
      if (object.key > last && !object.key.startsWith(last)) break;
      objects.push(object);
    }
  }
  return objects.sort(byKey);
};

const byKey = ({ key: one }: StoredObject, { key: other }: StoredObject): number => (one < other ? -1 : 1);

const textIn = (key: string, content: Buffer | undefined, onBroken: ScanOptions['onBroken']): string => {
  if (content === undefined) return '';
  const text = tryTextOf(content);
  if (text === undefined) onBroken(key, 'broken');
  else if (isCut(content)) onBroken(key, 'cut');
  return unpackedText(key, text ?? '');
};

/** For an operator. */
export const tellBroken =
  ({ name }: ArchiveStore, io: Pick<Io, 'err'>) =>
  (key: string, what: 'broken' | 'cut' = 'broken'): void =>
    io.err(
      `${name}/${key} is ${what}: ${what === 'cut' ? 'its last lines are missing' : 'it is passed over'}.`,
    );

interface WrittenLine {
  readonly line: ScannedLine;
  /** As it stands in its object. */
  readonly written: string;
}

function* linesOf({ key, version }: StoredObject, text: string): Generator<WrittenLine> {
  for (const [index, written] of text.split('\n').entries()) {
    const line = written === '' ? undefined : readLine(written);
    if (line === undefined) continue;
    const eventText = line.event === undefined ? undefined : memberText(written, 'event');
    yield { line: { ...line, eventText, place: { key, version, line: index + 1 } }, written };
  }
}

/**
 * A line that is there twice is the same to the letter, for a sender may give one messageId to several events; and it
 * has the same hour both times, or lies both times with all that could not be placed: no more need be remembered.
 */
class SeenInPlace {
  private last = '';
  private seen = new SeenTexts();

  isFirst({ source, receivedAt, place }: ScannedLine, written: string): boolean {
    const now = isUnplaced(place) ? ERRORS_PREFIX : source + receivedAt.slice(0, 13);
    if (now !== this.last) this.seen = new SeenTexts();
    this.last = now;
    return this.seen.isFirst(written);
  }
}
