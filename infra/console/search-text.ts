// What a search for an event looks through: every field of its row, the time as a clock shows it, and its text. The page
// searches with what a row has of the text, a backend with all of it, and both find by the same words.

import type { EventSummary } from './contract';

/** `2026-11-28 18:33:39`, local. */
const TIME = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'medium' });

const withBlanks = (word: string): string => word.replaceAll('_', ' ');

export const searchText = (row: EventSummary, text = row.text): string => {
  const { at, fate, reason, detail, source, door, type, name, person, messageId } = row;
  const words = [fate, ...(row.workspaces ?? []).map((one) => `${one.name} ${one.fate}`)].map(withBlanks);
  return [TIME.format(at), ...words, reason, detail, source, door, type, name, person, messageId, text]
    .join('\n')
    .toLowerCase();
};
