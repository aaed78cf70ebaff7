// What became of an event, or of a person's last events, as far as the archive and the dead letters know it. How it is
// told is the matter of whoever asks: a command, or the console.

import type { ParsedSettings } from '../../../lib/config/settings';
import { ERRORS_PREFIX, EVENTS_PREFIX, type TimeRange } from '../../archive/layout';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import type { Letter } from '../dead-letters/letter';
import { walk } from '../dead-letters/walk';
import { idKey, isAbout, linksOf, ownersOf } from '../people';
import type { Queue } from '../target';
import { ask, queryFor, type TracedLine } from './athena';
import { Forgotten } from './forgotten';
import type { OpenArchive } from './open-archive';
import { objectsIn, type ScanOptions, scanObjects, unplacedObjectsIn } from './scan';
import { sourcesFor } from './selection';

/** As an option of the command takes them. */
export const DEFAULT_SINCE = '7d';
export const DEFAULT_LIMIT = 20;

export interface TraceQuery {
  /** A messageId, or any id of a person. */
  readonly wanted: string;
  readonly range: TimeRange;
  /** Undefined: all that the settings have. */
  readonly source: string | undefined;
  /** How many lines at most, the newest. */
  readonly limit: number;
  /** Whether the objects are read where Athena could be asked. */
  readonly scans: boolean;
}

/** What is being done at the moment. */
export type TraceStep =
  | { readonly kind: 'asking'; readonly sources: number }
  | { readonly kind: 'listing'; readonly objects: number }
  | { readonly kind: 'reading'; readonly done: number; readonly whole: number };

export interface LineWatch {
  readonly signal: AbortSignal;
  readonly onStep: (step: TraceStep) => void;
  /** Told of each object that is broken; what it held is passed over. */
  readonly onBroken: (key: string) => void;
}

export interface FoundLines {
  /** Newest first. */
  readonly lines: readonly TracedLine[];
  /** Whether there may be older ones than were asked for. */
  readonly isCut: boolean;
  /** Other ids of the person, as the lines have them: events that name the person by one of them alone are not here. */
  readonly alsoNamed: readonly string[];
  /** What Athena read, for which AWS bills; undefined where it was not asked, or does not say. */
  readonly athenaBytes: number | undefined;
}

/** @throws Failure where the archive may not be read, Athena does not answer, or nobody knows the source. */
export const findLines = async (
  query: TraceQuery,
  archive: OpenArchive,
  settings: ParsedSettings,
  watch: LineWatch,
): Promise<FoundLines> => {
  try {
    const store = stoppable(archive.store, watch);
    const sources = await sourcesFor(settings, query.source, store);
    const forgotten = await Forgotten.open(store);
    if (forgotten.hasId(query.wanted)) return NOTHING;
    const newest = new Newest(
      query.limit,
      (line) => isMeant(line, query.wanted) && !forgotten.has(line.event),
    );
    const searched = await search(query, { ...archive, store }, sources, newest, watch);
    const lines = newest.lines();
    return {
      lines,
      isCut: newest.isCut || searched.isCut,
      alsoNamed: namesBeside(lines, query.wanted).filter((id) => !forgotten.hasId(id)),
      athenaBytes: searched.athenaBytes,
    };
  } catch (error) {
    watch.signal.throwIfAborted();
    throw error;
  }
};

const NOTHING: FoundLines = { lines: [], isCut: false, alsoNamed: [], athenaBytes: undefined };

const isMeant = ({ messageId, event }: TracedLine, wanted: string): boolean =>
  messageId === wanted || isAbout(event, wanted);

/** Athena answers in the order of `receivedAt`, with lines that only mention the person among them. */
const ROWS_FOR_A_LINE = 10;

const search = async (
  query: TraceQuery,
  { store, table }: OpenArchive,
  sources: readonly string[],
  newest: Newest,
  watch: LineWatch,
): Promise<Pick<FoundLines, 'isCut' | 'athenaBytes'>> => {
  const { wanted, range, limit, scans } = query;
  const { signal, onBroken } = watch;
  const onObject = (done: number, whole: number): void => watch.onStep({ kind: 'reading', done, whole });
  const scanning: ScanOptions = { sources, range, signal, onObject, onBroken };
  const readAll = async (objects: readonly StoredObject[]): Promise<void> => {
    for await (const { place: _, ...line } of scanObjects(store, objects, scanning)) newest.add(line);
  };
  if (table === undefined || scans) {
    await readAll(await objectsIn(store, scanning));
    return { isCut: false, athenaBytes: undefined };
  }
  watch.onStep({ kind: 'asking', sources: sources.length });
  const rows = ROWS_FOR_A_LINE * limit;
  const { lines, readBytes } = await ask(table, queryFor(table, wanted, sources, range, rows), watch.signal);
  for (const line of lines) newest.add(line);
  // The table has none of them.
  await readAll(await unplacedObjectsIn(store, range));
  return { isCut: lines.length >= rows, athenaBytes: readBytes };
};

/** The newest of any number of lines, each of them once, in no more memory than they take. */
class Newest {
  private found = new Map<string, TracedLine>();
  isCut = false;

  constructor(
    private readonly limit: number,
    private readonly isMeant: (line: TracedLine) => boolean,
  ) {}

  add(line: TracedLine): void {
    if (!this.isMeant(line)) return;
    // A sender may give one messageId to several events: what differs in anything is another line.
    const { event: _, ...said } = line;
    const name = JSON.stringify(said);
    this.found.set(name, line);
    if (this.found.size > 2 * this.limit) this.cut();
  }

  lines(): readonly TracedLine[] {
    this.cut();
    return [...this.found.values()];
  }

  private cut(): void {
    const inOrder = [...this.found].sort(([, one], [, other]) => newestFirst(one, other));
    this.isCut ||= inOrder.length > this.limit;
    this.found = new Map(inOrder.slice(0, this.limit));
  }
}

const newestFirst = ({ endedAt: one }: TracedLine, { endedAt: other }: TracedLine): number => {
  if (one === other) return 0;
  return one < other ? 1 : -1;
};

/** Of a person alone: beside an event stand those of whoever it is of. */
const namesBeside = (lines: readonly TracedLine[], wanted: string): string[] => {
  const theirs = lines.flatMap(({ event }) => (isAbout(event, wanted) ? [event] : []));
  const owners = new Set(theirs.flatMap(ownersOf));
  // A visitor's id comes last: it may be that of a device which many use.
  const rank = (id: string): number => (owners.has(id) ? 0 : 1);
  const names = theirs.flatMap(linksOf).sort((one, other) => rank(one) - rank(other));
  const named = new Map(names.map((id) => [idKey(id), id]));
  named.delete(idKey(wanted));
  return [...named.values()];
};

/** Given up as soon as nobody waits any more, whatever is on its way. */
const stoppable = (store: ArchiveStore, { signal, onStep }: LineWatch): ArchiveStore => {
  let objects = 0;
  return {
    ...store,
    list: async function* (prefix, after) {
      const listed = store.list(prefix, after)[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await untilAborted(listed.next(), signal);
        if (done) return;
        if (LISTED.has(prefix.slice(0, prefix.indexOf('/') + 1)))
          onStep({ kind: 'listing', objects: ++objects });
        yield value;
      }
    },
    folders: (prefix) => untilAborted(store.folders(prefix), signal),
    read: (key) => untilAborted(store.read(key), signal),
  };
};

/** Where lines are. */
const LISTED: ReadonlySet<string> = new Set([EVENTS_PREFIX, ERRORS_PREFIX]);

const untilAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });

export interface FoundLetters {
  readonly letters: readonly Letter[];
  /** How many were looked at. */
  readonly looked: number;
}

interface LetterWatch {
  readonly signal: AbortSignal;
  readonly onLook?: (looked: number) => void;
  /** Ends the search before all were looked at, with nothing on its way that would be hidden for a while. */
  readonly isEnough?: (looked: number) => boolean;
}

export const findLetters = async (
  wanted: string,
  deadLetters: Queue,
  { signal, onLook, isEnough = () => false }: LetterWatch,
): Promise<FoundLetters> => {
  const letters: Letter[] = [];
  let looked = 0;
  const isOfIt = ({ messageId, people }: Letter): boolean =>
    messageId === wanted || people.map(idKey).includes(idKey(wanted));
  const visit = async (seen: readonly Letter[]): Promise<readonly Letter[]> => {
    looked += seen.length;
    letters.push(...seen.filter(isOfIt));
    onLook?.(looked);
    return [];
  };
  await walk(deadLetters, signal, visit, () => isEnough(looked));
  return { letters: letters.sort((one, other) => other.failedAtMs - one.failedAtMs), looked };
};
