// What has become of each event that came to any door of the local stack, in memory and bounded. It only keeps
// what it is told: an event has one fate at a time, and every change of it is a step of its way. What is long is kept
// as JSON text, which is a fraction of what it takes as objects.

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { writeDeepJson } from '../../../lib/json/write-json';
import type {
  Door,
  DoorRequest,
  EventDetail,
  EventSummary,
  Fate,
  Step,
  WorkspaceFate,
} from '../../console/contract';
import { searchText } from '../../console/search-text';
import { type Described, describeEvent } from './describe-event';
import { explainChanges } from './explain-changes';

export interface NewEvent {
  readonly door: Door;
  readonly source: string;
  /** As it came. */
  readonly raw: unknown;
  readonly messageId: string;
}

export interface NewFate {
  readonly fate: Fate;
  readonly reason?: string;
  readonly detail?: string;
  readonly retryAt?: number | undefined;
}

/** The request that an event came in, and when its sender says that it was sent. */
export interface Arrival {
  readonly request: DoorRequest;
  readonly sentAt: unknown;
}

/** One event, as far as it is known. Everybody but the journal reads it only. */
export interface JournalEntry {
  readonly summary: EventSummary;
  readonly arrival?: Arrival;
  /** JSON, as it came. */
  readonly raw: string;
  /** JSON, as it stands on the queue. */
  readonly queued?: string;
  /** JSON, what the mapping makes of it. */
  readonly operations: readonly string[];
  /** Where the source has several workspaces: the one that each operation is for. */
  readonly operationsFor?: readonly string[];
  /** Oldest first. */
  readonly steps: readonly Step[];
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };
type MutableEntry = Mutable<JournalEntry> & { steps: Step[]; bytes: number };

/** Of several workspaces the row has the first of these that one of them has. */
const WORST_FIRST: readonly Fate[] = [
  'dead_lettered',
  'retried',
  'queued',
  'refused',
  'delivered',
  'skipped',
];

/** How many have come, and how often one has come to each fate, since the start. */
export type Tally = Readonly<Record<Fate | 'came', number>>;

export interface JournalOptions {
  /** Events kept at most. */
  readonly capacity: number;
  /** Of all that is kept, about. */
  readonly maxBytes?: number;
  readonly clock?: () => number;
  /** How long changes are gathered before listeners are told. */
  readonly tellEveryMs?: number;
}

/** A way longer than this is one that goes round in circles: its middle is forgotten. */
const MAX_STEPS = 60;
/** What an event and a step of it take beside their texts; measured by test/bench/journal.bench.ts. */
const EVENT_BYTES = 600;
const STEP_BYTES = 100;
/** A search looks through as many at a time, and lets others run in between. */
const SEARCHED_AT_ONCE = 2_000;

export const NO_TALLY: Tally = {
  came: 0,
  refused: 0,
  skipped: 0,
  queued: 0,
  retried: 0,
  delivered: 0,
  dead_lettered: 0,
};

export class Journal {
  /** So that a number of this run is not taken for one of another. */
  readonly run = randomUUID().slice(0, 8);
  readonly capacity: number;
  readonly maxBytes: number;
  private readonly entries = new Map<number, MutableEntry>();
  private readonly byMessageId = new Map<string, JournalEntry[]>();
  private readonly bySource = new Map<string, Record<Fate | 'came', number>>();
  private readonly changed = new Set<number>();
  private readonly emitter = new EventEmitter();
  private readonly clock: () => number;
  private readonly tellEveryMs: number;
  private telling: NodeJS.Timeout | undefined;
  private last = 0;
  private bytes = 0;

  constructor({ capacity, maxBytes = Infinity, clock = Date.now, tellEveryMs = 150 }: JournalOptions) {
    this.capacity = capacity;
    this.maxBytes = maxBytes;
    this.clock = clock;
    this.tellEveryMs = tellEveryMs;
    this.emitter.setMaxListeners(0);
  }

  add(event: NewEvent, { fate, reason = '', detail = '' }: NewFate, what: string): JournalEntry {
    const at = this.clock();
    this.last += 1;
    const { door, source, messageId } = event;
    const raw = toJson(event.raw);
    const summary = { number: this.last, at, door, fate, fateAt: at, reason, detail, source, messageId };
    const described = describeEvent(event.raw, raw);
    const entry = { summary: { ...summary, ...described }, raw, operations: [], steps: [], bytes: 0 };
    this.entries.set(this.last, entry);
    this.weigh(entry, EVENT_BYTES + raw.length);
    this.count(source, 'came');
    this.count(source, fate);
    this.index(entry);
    this.step(entry, what, detail);
    this.forgetOldest();
    return entry;
  }

  /** One of an earlier run, as its archive has it. It counts for none of this run's totals. */
  remember(
    event: NewEvent,
    { fate, reason = '', detail = '' }: NewFate,
    { at, fateAt }: { readonly at: number; readonly fateAt: number },
    what: string,
  ): void {
    this.last += 1;
    const { door, source, messageId } = event;
    const raw = toJson(event.raw);
    const summary = { number: this.last, at, door, fate, fateAt, reason, detail, source, messageId };
    const described = describeEvent(event.raw, raw);
    const steps = [{ at: fateAt, what, detail }];
    const entry = { summary: { ...summary, ...described }, raw, operations: [], steps, bytes: 0 };
    this.entries.set(this.last, entry);
    this.weigh(entry, EVENT_BYTES + raw.length);
    this.index(entry);
    this.forgetOldest();
  }

  /**
   * Sets the fate and says in a step how it came to it.
   *
   * @param workspace of several that the event is for; empty where there are not, or it holds for all of them.
   */
  settle(entry: JournalEntry, settled: NewFate, what: string, workspace = ''): void {
    const { fate, reason = '', detail = '', retryAt } = settled;
    const before = this.entries.get(entry.summary.number)?.summary;
    if (before === undefined) return;
    const own = { fate, reason, detail, retryAt };
    const workspaces = withFate(before.workspaces, workspace, own);
    const worst =
      WORST_FIRST.map((one) => workspaces?.find((each) => each.fate === one)).find(Boolean) ?? own;
    // What becomes of a second workspace is no second event; but every retry is one.
    if (workspace === '' || worst.fate !== before.fate || fate === 'retried')
      this.count(before.source, worst.fate);
    const { fate: row, reason: why, detail: words, retryAt: comesAt } = worst;
    this.change(entry, {
      fate: row,
      fateAt: this.clock(),
      reason: why,
      detail: words,
      retryAt: comesAt,
      ...(workspaces && { workspaces }),
    });
    this.step(entry, atWorkspace(workspace, what), detail);
  }

  /** The event is for these workspaces, and waits for each; those that are known already stay as they are. */
  divide(entry: JournalEntry, names: readonly string[]): void {
    const known = this.entries.get(entry.summary.number)?.summary.workspaces ?? [];
    const fresh = names.filter((name) => !known.some((one) => one.name === name));
    if (fresh.length === 0) return;
    const { fate, reason, detail } = entry.summary;
    this.change(entry, { workspaces: [...known, ...fresh.map((name) => ({ name, fate, reason, detail }))] });
  }

  /** @param workspace empty where there are not several. */
  fateAt(entry: JournalEntry, workspace: string): Fate {
    return entry.summary.workspaces?.find(({ name }) => name === workspace)?.fate ?? entry.summary.fate;
  }

  /** @param answer one text for all events of a request, so that it is kept once. */
  step(entry: JournalEntry, what: string, detail: string, answer?: string): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    mutable.steps.push({ at: this.clock(), what, detail, ...(answer !== undefined && { answer }) });
    this.weigh(mutable, STEP_BYTES + what.length + detail.length);
    if (mutable.steps.length > MAX_STEPS) mutable.steps.splice(MAX_STEPS / 2, 1);
    this.tell(entry.summary.number);
  }

  /** What came, and in which request, where it is known only after the event was seen on the queue. */
  arrived(entry: JournalEntry, arrival: Arrival, raw: unknown): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    const json = toJson(raw);
    this.weigh(mutable, json.length - mutable.raw.length + bytesOf(arrival.request));
    Object.assign(mutable, { arrival, raw: json });
    const door = arrival.request.path.startsWith('/webhooks/') ? 'webhook' : 'http';
    this.change(entry, { door });
  }

  onQueue(entry: JournalEntry, queued: unknown): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    const json = toJson(queued);
    // What is the same is kept once: it came by the queue.
    mutable.queued = json === mutable.raw ? mutable.raw : json;
    if (mutable.queued !== mutable.raw) this.weigh(mutable, json.length);
    this.change(entry, describeEvent(queued, mutable.queued));
  }

  /** @param workspace that they are for; empty where there are not several. */
  mapped(entry: JournalEntry, operations: readonly string[], workspace = ''): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    const isOfOther = (_: string, at: number): boolean => mutable.operationsFor?.[at] !== workspace;
    const [others, of] = [mutable.operations, mutable.operationsFor ?? []].map((all) =>
      all.filter(isOfOther),
    );
    const next = workspace === '' ? operations : [...(others ?? []), ...operations];
    const lengths = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);
    this.weigh(mutable, lengths(next) - lengths(mutable.operations));
    mutable.operations = next;
    if (workspace !== '') mutable.operationsFor = [...(of ?? []), ...operations.map(() => workspace)];
  }

  /** All of them, oldest first. */
  list(): EventSummary[] {
    return [...this.entries.values()].map(({ summary }) => summary);
  }

  /** All of them, oldest first. */
  all(): Iterable<JournalEntry> {
    return this.entries.values();
  }

  /** Those that came after the first `count`, oldest first. */
  since(count: number): JournalEntry[] {
    const found: JournalEntry[] = [];
    for (let number = count + 1; number <= this.last; number += 1) {
      const entry = this.entries.get(number);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }

  /** How many have come so far. */
  get lastNumber(): number {
    return this.last;
  }

  /** By source; one that is not known is the empty text. */
  tallies(): ReadonlyMap<string, Tally> {
    return this.bySource;
  }

  detail(number: number): EventDetail | undefined {
    const entry = this.entries.get(number);
    if (entry === undefined) return undefined;
    const { summary, arrival, raw, queued, operations, operationsFor, steps } = entry;
    const [parsedRaw, parsedQueued] = [parsed(raw), queued === undefined ? undefined : parsed(queued)];
    return {
      summary,
      request: arrival?.request,
      raw: parsedRaw,
      queued: parsedQueued,
      changes: explainChanges(parsedRaw, parsedQueued, arrival?.sentAt),
      operations: operations.map(parsed),
      operationsFor,
      steps,
    };
  }

  /** Among those whose row has not all of their text: numbers of those that have every word in some field or the text. */
  async search(words: readonly string[]): Promise<number[]> {
    const found: number[] = [];
    let looked = 0;
    for (const { summary, raw, queued } of [...this.entries.values()]) {
      if (!summary.isTextCut) continue;
      looked += 1;
      if (looked % SEARCHED_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
      const text = searchText(summary, queued ?? raw);
      if (words.every((word) => text.includes(word))) found.push(summary.number);
    }
    return found;
  }

  /** Oldest first. */
  withMessageId(messageId: string): readonly JournalEntry[] {
    return this.byMessageId.get(messageId) ?? [];
  }

  listen(listener: (rows: readonly EventSummary[]) => void): () => void {
    this.emitter.on('rows', listener);
    return () => this.emitter.off('rows', listener);
  }

  close(): void {
    clearTimeout(this.telling);
    this.emitter.removeAllListeners();
  }

  private count(source: string, what: Fate | 'came'): void {
    const tally = this.bySource.get(source) ?? { ...NO_TALLY };
    tally[what] += 1;
    this.bySource.set(source, tally);
  }

  private weigh(entry: MutableEntry, bytes: number): void {
    entry.bytes += bytes;
    this.bytes += bytes;
  }

  private change({ summary: { number } }: JournalEntry, fields: Partial<EventSummary> | Described): void {
    const mutable = this.entries.get(number);
    if (mutable === undefined) return;
    mutable.summary = { ...mutable.summary, ...fields };
    this.tell(number);
  }

  private index(entry: JournalEntry): void {
    const { messageId } = entry.summary;
    const same = this.byMessageId.get(messageId);
    if (same === undefined) this.byMessageId.set(messageId, [entry]);
    else same.push(entry);
  }

  /** The newest one stays, however large. */
  private forgetOldest(): void {
    while (this.entries.size > 1 && (this.entries.size > this.capacity || this.bytes > this.maxBytes)) {
      const oldest = this.entries.values().next().value;
      if (oldest !== undefined) this.forget(oldest);
    }
  }

  private forget(entry: MutableEntry): void {
    const { number, messageId } = entry.summary;
    this.entries.delete(number);
    this.bytes -= entry.bytes;
    const rest = this.withMessageId(messageId).filter((other) => other !== entry);
    if (rest.length === 0) this.byMessageId.delete(messageId);
    else this.byMessageId.set(messageId, rest);
  }

  private tell(number: number): void {
    this.changed.add(number);
    this.telling ??= setTimeout(() => this.tellNow(), this.tellEveryMs).unref();
  }

  private tellNow(): void {
    this.telling = undefined;
    const rows = [...this.changed].flatMap((number) => this.entries.get(number)?.summary ?? []);
    this.changed.clear();
    this.emitter.emit('rows', rows);
  }
}

/** Undefined where there are not several. */
const withFate = (
  known: readonly WorkspaceFate[] | undefined,
  workspace: string,
  own: Omit<WorkspaceFate, 'name'>,
): readonly WorkspaceFate[] | undefined =>
  known?.map((one) => (workspace === '' || one.name === workspace ? { name: one.name, ...own } : one));

/** What happened at one of several workspaces. */
export const atWorkspace = (workspace: string, what: string): string =>
  workspace === '' ? what : `${workspace}: ${what}`;

const HEADER_BYTES = 50;

/** What a request takes for each of its events, which share it. */
const bytesOf = ({ headers, path, answer, events }: DoorRequest): number => {
  const texts = Object.entries(headers).map(([name, value]) => name.length + value.length + HEADER_BYTES);
  const whole = texts.reduce((sum, bytes) => sum + bytes, path.length + answer.length);
  return Math.ceil(whole / Math.max(1, events));
};

/** Text of what is no JSON value is `null`. */
const toJson = (value: unknown): string => writeDeepJson(value) ?? 'null';

const parsed = (json: string): unknown => JSON.parse(json);
