// What the door wrote into an event, or took out of it, on its way to the queue, and why: field by field, by
// comparing the two. The door itself is not asked, so that this can be wrong in its words but not in its facts.

import { parseTime } from '../../../lib/event/parse-time';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { Change } from '../../console/contract';

/** @param sentAt of the request that the event came in, where it had one. */
export const explainChanges = (raw: unknown, queued: unknown, sentAt: unknown): Change[] => {
  if (!isObject(raw) || !isObject(queued)) return [];
  const fields = new Set([...Object.keys(queued), ...Object.keys(raw)]);
  return [...fields].flatMap((field) => {
    const [before, after] = [show(raw[field]), show(queued[field])];
    if (before === after) return [];
    return [{ field, before, after, why: whyOf(field, raw, queued, sentAt) }];
  });
};

const show = (value: unknown): string => {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : writeDeepJson(value);
};

const WHY: Readonly<Record<string, string>> = {
  messageId: 'The event had none; with one it counts once, however often it is delivered.',
  receivedAt: 'When the endpoint took it.',
  originalTimestamp: 'The time the sender gave, kept beside the corrected one.',
  writeKey: 'Belongs to the transport: it stays out of the queue.',
  sentAt: 'Belongs to the transport: it has corrected the time, and is done.',
  type: 'From the path.',
  context: 'What the request says of its sender was added, and what the batch says of all its events.',
  integrations: 'What the batch says of all its events was merged in.',
};

const whyOf = (field: string, raw: JsonObject, queued: JsonObject, sentAt: unknown): string => {
  if (field === 'timestamp') return whyTime(raw, queued, sentAt);
  if (queued[field] === undefined && WHY[field] === undefined) return 'Null or empty: it counts as absent.';
  return WHY[field] ?? 'Written in the form that the queue has.';
};

const whyTime = (raw: JsonObject, queued: JsonObject, sentAt: unknown): string => {
  const given = raw['originalTimestamp'] ?? raw['timestamp'];
  if (given === undefined) return 'The event had no time: that of its arrival.';
  const [givenMs, ms] = [parseTime(given), parseTime(queued['timestamp'])];
  if (givenMs === undefined) return 'The time could not be read: that of its arrival stands for it.';
  const seconds = ((ms ?? 0) - givenMs) / 1_000;
  if (seconds === 0) return 'The same time, in the form that the queue has.';
  const how = `by ${Math.abs(seconds)} s ${seconds < 0 ? 'back' : 'forward'}`;
  if ((raw['sentAt'] ?? sentAt) === undefined) return `It was in the future: moved ${how}, to its arrival.`;
  return `The clock of the sender, by its sentAt, was wrong: corrected ${how}.`;
};
