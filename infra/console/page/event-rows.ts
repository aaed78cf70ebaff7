// All rows that the page holds, and which of them a search finds. A hundred thousand are looked through for each
// letter typed, so that what is searched is made once for a row and compared as plain text, and what is counted is
// counted when a row comes.

import type { EventSummary, Fate } from '../contract';
import { searchText } from '../search-text';

export interface EventSearch {
  /** Words in any order. */
  readonly q: string;
  readonly fate: Fate | undefined;
  /** Empty: any. */
  readonly source: string;
}

const NOTHING: ReadonlySet<number> = new Set();

export const wordsOf = (query: string): string[] => query.toLowerCase().split(/\s+/).filter(Boolean);

export class EventRows {
  private rows: EventSummary[] = [];
  private texts: string[] = [];
  private bySource = new Map<string, Map<Fate, number>>();
  private cut = 0;
  /** Rows that came since the page was opened, forgotten ones too. */
  newest = 0;

  constructor(public capacity: number) {}

  get size(): number {
    return this.rows.length;
  }

  clear(): void {
    this.rows = [];
    this.texts = [];
    this.bySource = new Map();
    this.cut = 0;
  }

  /** Numbers have no gaps, so that a row's place follows from its number. */
  put(rows: readonly EventSummary[]): void {
    for (const row of rows) {
      const place = row.number - (this.rows[0]?.number ?? row.number);
      if (place < 0 || place > this.rows.length) continue;
      this.count(this.rows[place], -1);
      this.count(row, 1);
      this.rows[place] = row;
      this.texts[place] = searchText(row);
      this.newest = Math.max(this.newest, row.number);
    }
    // In blocks: moving all of them for each new one would cost more than the row.
    const excess = this.rows.length - this.capacity;
    if (excess > this.capacity / 20) {
      for (const gone of this.rows.splice(0, excess)) this.count(gone, -1);
      this.texts.splice(0, excess);
    }
  }

  get(number: number): EventSummary | undefined {
    return this.rows[number - (this.rows[0]?.number ?? 0)];
  }

  /**
   * Newest first: those with all words of the query, the fate and the source.
   *
   * @param also numbers of rows that have the words somewhere else.
   */
  find({ q, fate, source }: EventSearch, also: ReadonlySet<number> = NOTHING): EventSummary[] {
    const words = wordsOf(q);
    const found: EventSummary[] = [];
    for (let place = this.rows.length - 1; place >= 0; place -= 1) {
      const row = this.rows[place];
      if (row === undefined || (fate !== undefined && row.fate !== fate)) continue;
      if (source !== '' && row.source !== source) continue;
      if (hasAll(this.texts[place] ?? '', words) || also.has(row.number)) found.push(row);
    }
    return found;
  }

  /** Whether a text goes on after what is here of it. */
  get isAnyTextCut(): boolean {
    return this.cut > 0;
  }

  /** Names, as they first came. */
  sources(): readonly string[] {
    return [...this.bySource.keys()].filter((name) => name !== '');
  }

  /** Of a source, or of all where it is empty. */
  counts(source: string): ReadonlyMap<Fate, number> {
    if (source !== '') return this.bySource.get(source) ?? new Map();
    const sum = new Map<Fate, number>();
    for (const counts of this.bySource.values()) {
      for (const [fate, number] of counts) sum.set(fate, (sum.get(fate) ?? 0) + number);
    }
    return sum;
  }

  /** Oldest first, those after that number. */
  after(number: number): readonly EventSummary[] {
    return this.rows.slice(Math.max(0, number + 1 - (this.rows[0]?.number ?? 1)));
  }

  private count(row: EventSummary | undefined, by: 1 | -1): void {
    if (row === undefined) return;
    const counts = this.bySource.get(row.source) ?? new Map<Fate, number>();
    counts.set(row.fate, (counts.get(row.fate) ?? 0) + by);
    this.bySource.set(row.source, counts);
    if (row.isTextCut) this.cut += by;
  }
}

const hasAll = (text: string, words: readonly string[]): boolean => {
  for (const word of words) if (!text.includes(word)) return false;
  return true;
};
