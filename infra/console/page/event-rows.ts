// All rows that the page holds, and which of them a search finds. A hundred thousand are looked through for each
// letter typed, so that what is searched is made once for a row and compared as plain text.

import type { EventSummary, Fate } from '../contract';

export class EventRows {
  private rows: EventSummary[] = [];
  private texts: string[] = [];
  /** Rows that came since the page was opened, forgotten ones too. */
  newest = 0;

  constructor(public capacity: number) {}

  get size(): number {
    return this.rows.length;
  }

  clear(): void {
    this.rows = [];
    this.texts = [];
  }

  /** Numbers have no gaps, so that a row's place follows from its number. */
  put(rows: readonly EventSummary[]): void {
    for (const row of rows) {
      const place = row.number - (this.rows[0]?.number ?? row.number);
      if (place < 0 || place > this.rows.length) continue;
      this.rows[place] = row;
      this.texts[place] = searchText(row);
      this.newest = Math.max(this.newest, row.number);
    }
    // In blocks: moving all of them for each new one would cost more than the row.
    const excess = this.rows.length - this.capacity;
    if (excess > this.capacity / 20) {
      this.rows.splice(0, excess);
      this.texts.splice(0, excess);
    }
  }

  get(number: number): EventSummary | undefined {
    return this.rows[number - (this.rows[0]?.number ?? 0)];
  }

  /** Newest first: those with all words of the query, and the fate. */
  find(query: string, fate: Fate | undefined): EventSummary[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found: EventSummary[] = [];
    for (let place = this.rows.length - 1; place >= 0; place -= 1) {
      const row = this.rows[place];
      const text = this.texts[place] ?? '';
      if (row === undefined || (fate !== undefined && row.fate !== fate)) continue;
      if (words.every((word) => text.includes(word))) found.push(row);
    }
    return found;
  }

  counts(): ReadonlyMap<Fate, number> {
    const counts = new Map<Fate, number>();
    for (const { fate } of this.rows) counts.set(fate, (counts.get(fate) ?? 0) + 1);
    return counts;
  }

  /** Oldest first, those after that number. */
  after(number: number): readonly EventSummary[] {
    return this.rows.slice(Math.max(0, number + 1 - (this.rows[0]?.number ?? 1)));
  }
}

const searchText = ({
  fate,
  reason,
  detail,
  source,
  door,
  type,
  name,
  person,
  messageId,
  text,
}: EventSummary): string =>
  [fate.replace('_', ' '), reason, detail, source, door, type, name, person, messageId, text]
    .join('\n')
    .toLowerCase();
