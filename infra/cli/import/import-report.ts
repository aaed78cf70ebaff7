// What an import or its rehearsal says at the end: how many of each fate, and on which lines the first of them are.

import { layOut, plural } from '../layout';

const MAX_LINES = 5;

interface RowFate {
  count: number;
  readonly lines: number[];
}

/** Counts by fate and reason. */
export class Fates {
  private readonly fates = new Map<string, RowFate>();

  add(fate: string, line: number): void {
    const known = this.fates.get(fate) ?? { count: 0, lines: [] };
    known.count += 1;
    if (known.lines.length < MAX_LINES) known.lines.push(line);
    this.fates.set(fate, known);
  }

  toJson(): Record<string, { readonly count: number; readonly lines: readonly number[] }> {
    return Object.fromEntries(this.fates);
  }

  /** What it is, how many, and on which lines the first of them are. */
  toRows(): string[][] {
    return [...this.fates].map(([fate, { count, lines }]) => [
      fate,
      String(count),
      `${lines.join(', ')}${count > lines.length ? ', …' : ''}`,
    ]);
  }

  toTable(): string {
    return layOut(['what becomes of it', 'events', 'lines'], this.toRows());
  }
}

export const rejectedTable = (rejected: Readonly<Record<string, number>>): string =>
  layOut(
    ['not imported, by reason', 'events'],
    Object.entries(rejected).map(([reason, count]) => [reason, String(count)]),
  );

export const totalOf = (rejected: Readonly<Record<string, number>>): number =>
  Object.values(rejected).reduce((sum, count) => sum + count, 0);

export const eventCount = (count: number): string => plural(count, 'event');
