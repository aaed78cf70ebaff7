// What a line in the log of a function says of events: its metrics say what was delivered, its messages the rest.
// The words are those of lib/delivery/report.ts, lib/http/door.ts and lib/http/count-refusal.ts; a test compares.

import { isObject, type JsonObject } from '../../../lib/json/json-object';
import type { Fate } from '../../console/contract';
import type { Happening } from './happening';

const FATE_OF_MESSAGE: Readonly<Record<string, Fate>> = {
  'Events skipped': 'skipped',
  'Events dead-lettered': 'dead_lettered',
  'Events will be retried': 'retried',
  'Messages wait for settings that know their source': 'retried',
  'An operator must act': 'retried',
};

/** A line about refused requests gives several; a line that is about no event gives none. */
export const happeningsIn = (text: string, at: number): Happening[] => {
  const line = parse(text);
  if (line === undefined) return [];
  if ('_aws' in line) return deliveredIn(line, at);
  if (line['message'] === 'Requests refused') return refusedIn(line, at);
  const fate = FATE_OF_MESSAGE[String(line['message'])];
  return fate === undefined ? [] : [happening(line, { at, fate, count: numberOf(line['events']) })];
};

const parse = (text: string): JsonObject | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

const deliveredIn = (line: JsonObject, at: number): Happening[] => {
  const count = numberOf(line['EventsDelivered']);
  return count === 0 ? [] : [happening(line, { at, fate: 'delivered', count })];
};

const refusedIn = ({ refused }: JsonObject, at: number): Happening[] =>
  (Array.isArray(refused) ? refused.filter(isObject) : []).map((one) =>
    happening(one, { at, fate: 'refused', count: numberOf(one['requests']) }),
  );

const happening = (line: JsonObject, known: Pick<Happening, 'at' | 'fate' | 'count'>): Happening => ({
  ...known,
  source: [line['source'], line['workspace']].filter(Boolean).map(String).join('/'),
  reason: textOf(line['reason'] ?? line['code']),
  what: textOf(line['advice'] ?? line['client'] ?? rulesIn(line)),
  person: '',
});

/** The rules that have kept events out. */
const rulesIn = ({ rules }: JsonObject): string | undefined =>
  isObject(rules) ? Object.keys(rules).join(', ') : undefined;

/** Powertools writes several values of a metric as an array. */
const numberOf = (value: unknown): number =>
  (Array.isArray(value) ? value : [value]).reduce((sum: number, one) => sum + (Number(one) || 0), 0);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
