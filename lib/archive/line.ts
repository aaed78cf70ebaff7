// The archive's format: one line of JSON for each event that ended. What reads it (Athena, the command line, the
// console) knows it from here; a field may be added, and none may change its meaning.

import { formatTime } from '../event/format-time';
import { isObject } from '../json/json-object';
import { parseJson } from '../json/parse-json';

export const ENDED = ['delivered', 'skipped', 'dead_lettered'] as const;

export type Ended = (typeof ENDED)[number];

/** Why a line has no event although its source archives events. */
export type LeftOut = 'consent_refused' | 'too_large' | 'not_json' | 'forgotten';

/** What a line says, as it is read. Times are ISO 8601 in UTC. */
export interface ArchiveLine {
  /** When the event was first put on the queue; the day and hour of the line's partition. */
  readonly receivedAt: string;
  readonly endedAt: string;
  readonly source: string;
  /** Of a source with several: the one in which this became of the event. */
  readonly workspace: string | undefined;
  readonly outcome: Ended;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  /** How often it was handed out, this time included. */
  readonly attempts: number;
  readonly messageId: string;
  readonly type: string | undefined;
  /** As it stood on the queue, completed and without what the privacy rules keep back. */
  readonly event: unknown;
  readonly eventLeftOut: LeftOut | undefined;
  /** Mentions of somebody who was forgotten were replaced in it: it is not what happened any more. */
  readonly eventChanged: boolean;
}

/** What is known of an event before anything has become of it. */
export interface EventFacts {
  readonly messageId: string;
  readonly type: unknown;
  /** JSON of the event; undefined where it is not archived. */
  readonly event?: string | undefined;
  readonly leftOut?: LeftOut | undefined;
}

export interface EndFacts {
  readonly receivedAtMs: number;
  readonly endedAtMs: number;
  readonly source: string;
  readonly workspace: string | undefined;
  readonly outcome: Ended;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly attempts: number;
}

/** A line with this and its head stays below a record of the archive, however its characters are encoded. */
export const MAX_EVENT_CHARACTERS = 300_000;
/** Of an id or a detail: a sender may write anything into the first. */
const MAX_TEXT_CHARACTERS = 1_000;

/** The second half of a line. Written by hand, for an event that is text already is not to be written once more. */
export const tailOf = ({ messageId, type, event, leftOut }: EventFacts): string => {
  const isTooLarge = event !== undefined && event.length > MAX_EVENT_CHARACTERS;
  const why = isTooLarge ? 'too_large' : leftOut;
  const typeText = typeof type === 'string' ? `,"type":${quote(type)}` : '';
  const whyText = why === undefined ? '' : `,"eventLeftOut":"${why}"`;
  const eventText = event === undefined || isTooLarge ? '' : `,"event":${onOneLine(event)}`;
  return `"messageId":${quote(messageId)}${typeText}${whyText}${eventText}}`;
};

/** The first half: the same for all events of a message of which the same has become. */
export const headOf = (end: EndFacts): string => {
  const { source, workspace, outcome, reason, detail, attempts } = end;
  return [
    `{"receivedAt":"${formatTime(end.receivedAtMs)}","endedAt":"${formatTime(end.endedAtMs)}","source":"${source}"`,
    workspace === undefined ? '' : `,"workspace":"${workspace}"`,
    `,"outcome":"${outcome}","attempts":${attempts},`,
    reason === undefined ? '' : `"reason":${quote(reason)},`,
    detail === undefined ? '' : `"detail":${quote(detail)},`,
  ].join('');
};

/** As nearly every id is: nothing to escape, and not too long. */
const PLAIN = /^[\w .:@+-]{0,100}$/;

const quote = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text.length > MAX_TEXT_CHARACTERS ? text.slice(0, MAX_TEXT_CHARACTERS) : text);
};

/** JSON may be spread over lines; between its values a line break means nothing, and within a string it is escaped. */
const onOneLine = (json: string): string =>
  json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;

/** Undefined for text that is no line of the archive: what else lies in its folder is passed over. */
export const readLine = (text: string): ArchiveLine | undefined => {
  const line = parseJson(text);
  if (!isObject(line)) return undefined;
  const word = (name: string): string | undefined => textOf(line[name]);
  const [receivedAt, endedAt] = [word('receivedAt'), word('endedAt')];
  const [source, messageId] = [word('source'), word('messageId')];
  const outcome = ENDED.find((known) => known === line['outcome']);
  if (!receivedAt || !endedAt || !source || !messageId || !outcome) return undefined;
  return {
    ...{ receivedAt, endedAt, source, messageId, outcome },
    workspace: word('workspace'),
    reason: word('reason'),
    detail: word('detail'),
    attempts: Number(line['attempts']) || 1,
    type: word('type'),
    event: line['event'],
    eventLeftOut: LEFT_OUT.find((known) => known === line['eventLeftOut']),
    eventChanged: line['eventChanged'] === true,
  };
};

const LEFT_OUT: readonly LeftOut[] = ['consent_refused', 'too_large', 'not_json', 'forgotten'];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
