// What earlier runs of the stack have archived, put into the journal of this one: the page shows it after a restart. The
// newest of it, and as much as a start has time for.

import type { ArchiveLine } from '../../../lib/archive/line';
import { EVENTS_PREFIX } from '../../archive/layout';
import { readLines } from '../../archive/read';
import type { ArchiveStore } from '../../archive/store';
import type { Journal } from './journal';

/** Some megabytes, read in a fraction of a second. */
const MAX_LINES = 5_000;

export const restoreJournal = async (journal: Journal, store: ArchiveStore): Promise<void> => {
  for (const line of await newestLines(store)) {
    const { source, messageId, outcome: fate, reason = '', detail = '' } = line;
    const event = { door: 'queue' as const, source, raw: line.event ?? {}, messageId };
    journal.remember(
      event,
      { fate, reason, detail: detail },
      { at: Date.parse(line.receivedAt), fateAt: Date.parse(line.endedAt) },
    );
  }
};

/** Oldest first. */
const newestLines = async (store: ArchiveStore): Promise<ArchiveLine[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list(EVENTS_PREFIX)) keys.push(key);
  const lines: ArchiveLine[] = [];
  for (const key of keys.sort(byHour).reverse()) {
    if (lines.length >= MAX_LINES) break;
    lines.push(...(await readLines(store, key)));
  }
  return lines.sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1)).slice(-MAX_LINES);
};

/** Whatever the source: keys begin with its name. */
const byHour = (one: string, other: string): number => (hourOf(one) < hourOf(other) ? -1 : 1);

const hourOf = (key: string): string => key.slice(key.indexOf('/day='));
