// What earlier runs of the stack have archived, and the dead letters that wait, put into the journal of this one: the page
// shows them after a restart. The newest of them, and as many as a start has time for.

import type { ArchiveLine } from '../../../lib/archive/line';
import { parseJsonOrText } from '../../../lib/json/parse-json';
import { EVENTS_PREFIX } from '../../archive/layout';
import { readLines } from '../../archive/read';
import type { ArchiveStore } from '../../archive/store';
import type { Letter } from '../../cli/dead-letters/letter';
import type { Door } from '../../console/contract';
import type { Journal } from './journal';

/** Of either. Some megabytes, read in a fraction of a second. */
const MAX_LINES = 5_000;

/** Dead letters of one of the queues, with the door that its events come by. */
export interface WaitingLetters {
  readonly door: Door;
  readonly letters: readonly Letter[];
}

type Remembered = Parameters<Journal['remember']>;

/** @param waiting of these the archive has none that the door gave up, nor any where nothing is archived. */
export const restoreJournal = async (
  journal: Journal,
  store: ArchiveStore,
  waiting: readonly WaitingLetters[] = [],
): Promise<void> => {
  const lines = await newestLines(store);
  const dead = lines.filter(({ outcome }) => outcome === 'dead_lettered');
  const known = new Set<string | undefined>(dead.map(({ messageId }) => messageId));
  const letters = waiting.flatMap(({ door, letters: all }) =>
    all.filter(({ messageId }) => !known.has(messageId)).map((letter) => ofLetter(letter, door)),
  );
  const remembered = [...lines.map(ofLine), ...letters.sort(byFateAt).slice(-MAX_LINES)];
  for (const one of remembered.sort(byFateAt)) journal.remember(...one);
};

const byFateAt = (one: Remembered, other: Remembered): number => one[2].fateAt - other[2].fateAt;

const ofLine = ({ source, messageId, event, outcome, reason, detail, ...line }: ArchiveLine): Remembered => [
  { door: 'queue', source, raw: event ?? {}, messageId },
  { fate: outcome, reason: reason ?? '', detail: detail ?? '' },
  { at: Date.parse(line.receivedAt), fateAt: Date.parse(line.endedAt) },
  'Read from the archive of an earlier run',
];

const ofLetter = (letter: Letter, door: Door): Remembered => {
  const { source = '', messageId = '', reason, detail = '', failedAtMs: at } = letter;
  return [
    { door, source, raw: parseJsonOrText(letter.body), messageId },
    { fate: 'dead_lettered', reason, detail },
    { at, fateAt: at },
    'Found among the dead letters of an earlier run',
  ];
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
