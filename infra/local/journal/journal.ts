// What has become of each event that came to any door of the local stack, in memory and bounded. It only keeps
// what it is told: an event has one fate at a time, and every change of it is a step of its way.

import { EventEmitter } from 'node:events';
import type { Change, Door, DoorRequest, EventDetail, EventSummary, Fate } from '../../console/contract';
import { describeEvent } from './describe-event';

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

/** One event, as far as it is known. Everybody but the journal reads it only. */
export interface JournalEntry extends EventDetail {
  readonly summary: EventSummary;
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };
type MutableEntry = Mutable<JournalEntry> & { steps: EventDetail['steps'][number][] };

/** A way longer than this is one that goes round in circles: its middle is forgotten. */
const MAX_STEPS = 60;

export class Journal {
  private readonly entries = new Map<number, MutableEntry>();
  private readonly byMessageId = new Map<string, JournalEntry[]>();
  /** How often an event has come to each fate, since the start. */
  readonly totals: Record<Fate, number> = {
    refused: 0,
    skipped: 0,
    queued: 0,
    retried: 0,
    delivered: 0,
    dead_lettered: 0,
  };
  private readonly changed = new Set<number>();
  private readonly emitter = new EventEmitter();
  private telling: NodeJS.Timeout | undefined;
  private last = 0;

  /**
   * @param capacity events kept at most.
   * @param tellEveryMs how long changes are gathered before listeners are told.
   */
  constructor(
    readonly capacity: number,
    private readonly clock: () => number = Date.now,
    private readonly tellEveryMs = 150,
  ) {
    this.emitter.setMaxListeners(0);
  }

  add(event: NewEvent, { fate, reason = '', detail = '' }: NewFate, what: string): JournalEntry {
    const at = this.clock();
    this.last += 1;
    this.totals[fate] += 1;
    const { door, source, messageId, raw } = event;
    const described = describeEvent(raw);
    const summary = { number: this.last, at, door, fate, fateAt: at, reason, detail, source, messageId };
    const entry = { summary: { ...summary, ...described }, raw, changes: [], operations: [], steps: [] };
    this.entries.set(this.last, entry);
    this.index(entry);
    this.step(entry, what, detail);
    this.forgetOldest();
    return entry;
  }

  /** Sets the fate and says in a step how it came to it. */
  settle(entry: JournalEntry, { fate, reason = '', detail = '', retryAt }: NewFate, what: string): void {
    this.totals[fate] += 1;
    this.change(entry, { fate, fateAt: this.clock(), reason, detail, retryAt });
    this.step(entry, what, detail);
  }

  step(entry: JournalEntry, what: string, detail: string): void {
    const mutable: MutableEntry | undefined = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    mutable.steps.push({ at: this.clock(), what, detail });
    if (mutable.steps.length > MAX_STEPS) mutable.steps.splice(MAX_STEPS / 2, 1);
    this.tell(entry.summary.number);
  }

  /** What came, and in which request, where it is known only after the event was seen on the queue. */
  arrived(entry: JournalEntry, request: DoorRequest, raw: unknown, changes: readonly Change[]): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    Object.assign(mutable, { request, raw, changes });
    const door = request.path.startsWith('/webhooks/') ? 'webhook' : 'http';
    this.change(entry, { door });
  }

  onQueue(entry: JournalEntry, queued: unknown): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable === undefined) return;
    mutable.queued = queued;
    this.change(entry, describeEvent(queued));
  }

  mapped(entry: JournalEntry, operations: readonly unknown[]): void {
    const mutable = this.entries.get(entry.summary.number);
    if (mutable !== undefined) mutable.operations = operations;
  }

  /** All of them, oldest first. */
  list(): EventSummary[] {
    return [...this.entries.values()].map(({ summary }) => summary);
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
  get count(): number {
    return this.last;
  }

  detail(number: number): JournalEntry | undefined {
    return this.entries.get(number);
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

  private change({ summary: { number } }: JournalEntry, fields: Partial<EventSummary>): void {
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

  private forgetOldest(): void {
    const [number, oldest] = this.entries.entries().next().value ?? [];
    if (this.entries.size <= this.capacity || number === undefined || oldest === undefined) return;
    this.entries.delete(number);
    const { messageId } = oldest.summary;
    const rest = this.withMessageId(messageId).filter((entry) => entry !== oldest);
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
