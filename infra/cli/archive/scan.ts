// Reads lines of the archive in the order of their objects' keys, some objects ahead of the one whose turn it is. An
// object that was delivered twice, or a line, is told once.

import { type ArchiveLine, readLine } from '../../../lib/archive/line';
import { memberText } from '../../../lib/json/slices';
import { prefixesOf, type TimeRange } from '../../archive/layout';
import { tryTextOf } from '../../archive/read';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import type { Io } from '../io';

export interface ScannedLine extends ArchiveLine {
  /** Of its object, from 1. */
  readonly place: { readonly key: string; readonly line: number };
  /** The event's own text, to the last digit of a number. */
  readonly eventText: string | undefined;
}

export interface ScanOptions {
  readonly sources: readonly string[];
  readonly range: TimeRange;
  readonly signal: AbortSignal;
  /** Told after each object. */
  readonly onObject?: (done: number, whole: number) => void;
  /** Told of each object that is broken; what it held is passed over. */
  readonly onBroken: (key: string) => void;
  /** Objects before this one are passed over. */
  readonly fromKey?: string | undefined;
}

/** As many are on their way at once: each may have 64 MB of lines. */
const READ_AHEAD = 4;

export async function* scan(store: ArchiveStore, options: ScanOptions): AsyncGenerator<ScannedLine> {
  const { range, signal, onObject, fromKey = '' } = options;
  const objects = (await objectsIn(store, options)).filter(({ key }) => key >= fromKey);
  const [from, until] = [range.fromMs, range.untilMs].map((ms) => new Date(ms).toISOString());
  const seen = new SeenInHour();
  const reading = objects.slice(0, READ_AHEAD).map(({ key }) => readAhead(store, key, options));
  for (const [index, { key }] of objects.entries()) {
    signal.throwIfAborted();
    const next = objects[index + READ_AHEAD];
    if (next !== undefined) reading.push(readAhead(store, next.key, options));
    for (const line of linesOf(key, (await reading[index]) ?? '')) {
      if (line.receivedAt >= (from ?? '') && line.receivedAt < (until ?? '') && seen.isFirst(line))
        yield line;
    }
    reading[index] = Promise.resolve('');
    onObject?.(index + 1, objects.length);
  }
}

/** In the order of their keys, which is that of time for each source; a run that goes on relies on it. */
export const objectsIn = async (
  store: ArchiveStore,
  { sources, range }: Pick<ScanOptions, 'sources' | 'range'>,
): Promise<StoredObject[]> => {
  const objects: StoredObject[] = [];
  for (const source of sources) {
    for (const prefix of prefixesOf(source, range)) {
      for await (const object of store.list(prefix)) objects.push(object);
    }
  }
  return objects.sort((one, other) => (one.key < other.key ? -1 : 1));
};

/** Nobody waits for it yet: a failure is told when its turn comes, and does not end the process before. */
const readAhead = (store: ArchiveStore, key: string, options: ScanOptions): Promise<string> => {
  const reading = read(store, key, options);
  reading.catch(() => {});
  return reading;
};

const read = async (
  store: ArchiveStore,
  key: string,
  { onBroken }: Pick<ScanOptions, 'onBroken'>,
): Promise<string> => {
  const content = await store.read(key);
  const text = content === undefined ? '' : tryTextOf(content);
  if (text === undefined) onBroken(key);
  return text ?? '';
};

/** For an operator. */
export const tellBroken =
  ({ name }: ArchiveStore, io: Pick<Io, 'err'>) =>
  (key: string): void =>
    io.err(`${name}/${key} is broken: it is passed over.`);

function* linesOf(key: string, text: string): Generator<ScannedLine> {
  for (const [index, one] of text.split('\n').entries()) {
    const line = one === '' ? undefined : readLine(one);
    if (line === undefined) continue;
    const eventText = line.event === undefined ? undefined : memberText(one, 'event');
    yield { ...line, eventText, place: { key, line: index + 1 } };
  }
}

/** A line that is there twice has the same hour both times: no more than that need be remembered. */
class SeenInHour {
  private hour = '';
  private readonly seen = new Set<string>();

  isFirst({ source, receivedAt, endedAt, workspace, messageId, outcome }: ArchiveLine): boolean {
    const hour = source + receivedAt.slice(0, 13);
    if (hour !== this.hour) this.seen.clear();
    this.hour = hour;
    const name = JSON.stringify([receivedAt, endedAt, workspace, messageId, outcome]);
    const isFirst = !this.seen.has(name);
    this.seen.add(name);
    return isFirst;
  }
}
