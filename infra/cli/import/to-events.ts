// From a record of a file to the events that go on the queue, or to why there are none. The same record gives the
// same events at every run: what an event lacks is made of the file, the line and the content, and of when the
// import began, never of the moment.

import { createHash } from 'node:crypto';
import { EVENT_TYPES, type EventType } from '../../../lib/event/event';
import { clientTime } from '../../../lib/event/event-time';
import { findFault, typeOf, UNKNOWN_TYPE } from '../../../lib/event/find-fault';
import { messageIdOf } from '../../../lib/event/message-id';
import { parseTime } from '../../../lib/event/parse-time';
import { MAX_EVENT_BYTES } from '../../../lib/event/segment-limits';
import { readSharedFields, textWithSharedFields, withSharedFields } from '../../../lib/event/shared-fields';
import type { IdentitySettings } from '../../../lib/event/who';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { fateByRules, type Workspace } from '../../../lib/mapping/fate-by-rules';
import { batchIn, textsInBatch } from '../../../lib/queue/batch';
import { toJson, toSqsJson } from '../../../lib/queue/outgoing-message';
import { type ColumnMapping, isRowOfWarehouse, rowToEvent } from './columns';
import type { FileRecord } from './input';

export interface ImportSettings {
  /** The name of the file. */
  readonly name: string;
  /** Stands for the time of an event that is about the present: a person, a company. */
  readonly startedAt: string;
  readonly as: EventType | undefined;
  readonly mapping: ColumnMapping | undefined;
  readonly identity: IdentitySettings & { readonly integrationNames?: readonly string[] };
  /** Whose rules come before what is wrong with an event. */
  readonly workspaces: readonly Workspace[];
  readonly allowCampaigns: boolean;
}

export type Imported =
  | { readonly kind: 'event'; readonly text: string }
  | { readonly kind: 'rejected'; readonly reason: string; readonly detail: string; readonly text: string };

const HOUR_MS = 3_600_000;
/** docs.customer.io/journeys/importing-old-data: what is older triggers no campaign. */
const CAMPAIGN_HOURS = 72;

export const toEvents = (record: FileRecord, settings: ImportSettings): Imported[] => {
  if (record.fault !== undefined) {
    return [rejected(record.fault.reason, record.fault.detail, textOf(record, settings))];
  }
  if ('row' in record)
    return [fromValue(rowToEvent(record.row, settings.as, settings.mapping), record.line, 0, settings)];
  if ('value' in record) return [fromElement(record.value, record.line, settings)];
  let parsed: unknown;
  try {
    parsed = JSON.parse(record.text);
  } catch {
    return [rejected('invalid_json', 'the line is not JSON', record.text)];
  }
  return fromLine(parsed, record.text, record.line, settings);
};

const textOf = (record: FileRecord, { as, mapping }: ImportSettings): string => {
  if ('text' in record) return record.text;
  return toJson('row' in record ? rowToEvent(record.row, as, mapping) : record.value);
};

/** A line may be a request as it was archived: several events, with what it says of all, and its time of arrival. */
const fromLine = (parsed: unknown, text: string, line: number, settings: ImportSettings): Imported[] => {
  const again = eventOfRejection(parsed);
  if (again !== undefined) return [fromValue(again, line, 0, settings)];
  if (isRowOfWarehouse(parsed)) return [fromElement(parsed, line, settings)];
  const batch = batchIn(parsed);
  if (batch === undefined) return [toEvent(parsed, text, `${line}`, settings)];
  const request = isObject(parsed) ? parsed : {};
  const { context, integrations } = request;
  const shared = readSharedFields({ context, integrations });
  const names = settings.identity.integrationNames;
  return textsInBatch(text).map((own, index) => {
    const event = batch[index];
    const place = `${line}/${index}`;
    if (!isObject(event)) return toEvent(event, own, place, settings);
    const { receivedAt } = event['receivedAt'] === undefined ? request : event;
    const arrived = receivedAt === undefined ? {} : { receivedAt };
    return toEvent(
      { ...withSharedFields(event, shared, names), ...arrived },
      withMembers(
        textWithSharedFields(own, event, shared, names),
        event['receivedAt'] === undefined ? arrived : {},
      ),
      place,
      settings,
    );
  });
};

/** A line of the file in which an earlier import left what it rejected. */
const eventOfRejection = (parsed: unknown): unknown =>
  isObject(parsed) && 'rejected' in parsed && 'event' in parsed ? parsed['event'] : undefined;

/** An event, or a row of a warehouse's table. */
const fromElement = (value: unknown, line: number, settings: ImportSettings): Imported => {
  const event = isRowOfWarehouse(value) ? rowToEvent(value, settings.as, settings.mapping) : value;
  return fromValue(event, line, 0, settings);
};

const fromValue = (value: unknown, line: number, index: number, settings: ImportSettings): Imported =>
  toEvent(value, toJson(value), index === 0 ? `${line}` : `${line}/${index}`, settings);

/** The event's own text, to the last digit of a number, with what it lacks in front. */
const toEvent = (event: unknown, text: string, place: string, settings: ImportSettings): Imported => {
  if (!isObject(event)) return rejected('invalid_event', 'event: expected an object', text);
  const type = typeOf(event, settings.as);
  if (type === undefined) {
    return rejected(
      UNKNOWN_TYPE.reason,
      `type: expected one of ${EVENT_TYPES.join(', ')}; --as says what the others are`,
      text,
    );
  }
  const fault = findFault(event, type, settings.identity);
  if (fault !== undefined && isFaultyByRules({ ...event, type }, settings))
    return rejected(fault.reason, fault.detail, text);
  const said = clientTime(event) ?? event['receivedAt'];
  const time = timeFault(said, type, settings);
  if (time !== undefined) return rejected(time.reason, time.detail, text);
  const whole = toSqsJson(
    withMembers(text.trim(), { ...lacking(event, type, text, place, settings), ...timeFor(said, settings) }),
  );
  const bytes = whole.length > SURELY_FITS ? Buffer.byteLength(whole) : 0;
  if (bytes > MAX_EVENT_BYTES) {
    return rejected('event_too_large', `the event has ${bytes} bytes; ${MAX_EVENT_BYTES} is the limit`, text);
  }
  return { kind: 'event', text: whole };
};

const isFaultyByRules = (event: JsonObject, { workspaces, identity }: ImportSettings): boolean =>
  fateByRules(event, workspaces, identity).isFaulty;

/** No character of JavaScript's is more than three bytes of UTF-8: what is shorter need not be measured. */
const SURELY_FITS = MAX_EVENT_BYTES / 3;

const rejected = (reason: string, detail: string, text: string): Imported => ({
  kind: 'rejected',
  reason,
  detail,
  text,
});

/** What happened, rather than what is: only that triggers campaigns, and needs a time of its own. */
const isActivity = (type: EventType): boolean => type === 'track' || type === 'page' || type === 'screen';

/** `said`: the time that the event has, in whatever form. */
const timeFault = (said: unknown, type: EventType, settings: ImportSettings) => {
  const ms = parseTime(said);
  if (said !== undefined && ms === undefined) {
    return { reason: 'unreadable_time', detail: 'timestamp: expected a date; it would count as now' };
  }
  return settings.allowCampaigns || !startsCampaigns(type, ms, Date.parse(settings.startedAt))
    ? undefined
    : TOO_YOUNG;
};

/** Without a time it counts as now. @param ms of the event. */
export const startsCampaigns = (type: EventType, ms: number | undefined, nowMs: number): boolean =>
  isActivity(type) && (nowMs - (ms ?? Infinity)) / HOUR_MS < CAMPAIGN_HOURS;

const TOO_YOUNG = {
  reason: 'younger_than_72_hours',
  detail:
    'timestamp: Customer.io starts campaigns for events of the last 72 hours, and for those without a time; --allow-campaigns imports them all the same',
};

const timeFor = (said: unknown, { startedAt }: ImportSettings): JsonObject =>
  said === undefined ? { timestamp: startedAt } : {};

const lacking = (
  event: JsonObject,
  type: EventType,
  text: string,
  place: string,
  settings: ImportSettings,
): JsonObject => ({
  ...(event['type'] !== type && { type }),
  ...(messageIdOf(event) === undefined && { messageId: stableId(settings.name, place, text) }),
  // Measured from today, it would bring an old event here.
  ...(event['sentAt'] !== undefined && event['receivedAt'] === undefined && { sentAt: null }),
});

const ID_DIGITS = 32;

const stableId = (name: string, place: string, text: string): string =>
  `import-${createHash('sha256').update(`${name}\n${place}\n${text}`).digest('hex').slice(0, ID_DIGITS)}`;

/**
 * Put last: where the event has the name already, with nothing in it, the last one counts.
 */
const withMembers = (text: string, members: JsonObject): string => {
  const added = Object.entries(members).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  if (added.length === 0) return text;
  const end = text.lastIndexOf('}');
  const isEmpty = text.slice(text.indexOf('{') + 1, end).trim() === '';
  return `${text.slice(0, end)}${isEmpty ? '' : ','}${added.join(',')}}`;
};
