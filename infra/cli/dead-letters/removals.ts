// People whose own deletion or suppression is among the dead letters. An older event of theirs that is sent back may
// arrive after it, and would make them anew. Deletions that were delivered are not known here: the Track API cannot be
// asked who is there, and the relay keeps no record of people.

import { typeOf } from '../../../lib/event/find-fault';
import { isObject } from '../../../lib/json/json-object';
import { batchIn } from '../../../lib/queue/batch';
import type { Queue } from '../target';
import type { Letter } from './letter';
import { walk } from './walk';

/** As lib/mapping/reserved-events.ts has them. */
const REMOVALS: ReadonlySet<unknown> = new Set(['User Deleted', 'User Suppressed']);
const ABOUT_REMOVAL: ReadonlySet<unknown> = new Set([...REMOVALS, 'User Unsuppressed']);

const NONE_TAKEN: readonly Letter[] = [];

/** Every id and email that such an event names. */
export const findRemoved = async (queue: Queue, signal: AbortSignal): Promise<ReadonlySet<string>> => {
  const removed = new Set<string>();
  await walk(queue, signal, async (letters) => {
    const removing = letters.filter(({ body }) => namesIn(body).some((name) => REMOVALS.has(name)));
    for (const id of removing.flatMap(({ people }) => people)) removed.add(comparable(id));
    return NONE_TAKEN;
  });
  return removed;
};

/** The removal itself is no event that makes anybody anew. */
export const isOfRemoved = ({ people, body }: Letter, removed: ReadonlySet<string>): boolean =>
  people.some((id) => removed.has(comparable(id))) && !namesIn(body).every((name) => ABOUT_REMOVAL.has(name));

/** Customer.io compares emails without regard to case, ids exactly. */
export const comparable = (id: string): string => (id.includes('@') ? id.toLowerCase() : id);

/** Of tracks; undefined for other calls. */
const namesIn = (body: string): unknown[] => {
  try {
    const parsed: unknown = JSON.parse(body);
    return (batchIn(parsed) ?? [parsed]).map(nameOf);
  } catch {
    return [undefined];
  }
};

const nameOf = (event: unknown): unknown => {
  if (!isObject(event) || typeOf(event, undefined) !== 'track') return undefined;
  return typeof event['event'] === 'string' ? event['event'].trim() : undefined;
};
