// What an import or its rehearsal says at the end: how many of each fate, and on which lines the first of them are.

import { fold, layOut, plural } from '../layout';

const MAX_LINES = 5;

interface RowFate {
  count: number;
  readonly lines: number[];
  /** Of the first of them. */
  readonly detail?: string | undefined;
}

/** Counts by fate and reason. */
export class Fates {
  private readonly fates = new Map<string, RowFate>();

  add(fate: string, line: number, detail?: string): void {
    const known = this.fates.get(fate) ?? { count: 0, lines: [], detail };
    known.count += 1;
    if (known.lines.length < MAX_LINES) known.lines.push(line);
    this.fates.set(fate, known);
  }

  toJson(): Record<string, RowFate> {
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

  /** The rows, and what is wrong with the first of each. */
  toText(): string {
    if (this.fates.size === 0) return 'There is nothing in it.';
    const details = [...this.fates].flatMap(
      ([
        ,
        {
          lines: [line],
          detail,
        },
      ]) => (detail === undefined ? [] : [fold(`Line ${line}: ${detail}`)]),
    );
    return [layOut(['what becomes of it', 'events', 'lines'], this.toRows()), ...details].join('\n\n');
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
