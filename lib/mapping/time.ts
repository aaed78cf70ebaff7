// When an event happened, and when a person was created. Times inside are milliseconds since 1970; Customer.io
// gets whole Unix seconds. Nothing here reads a clock or the machine's time zone: the same text is the same time.

import { parseIsoDate } from '../event/iso-date';
import type { JsonObject } from '../json/json-object';

/** Below this a number counts seconds (until the year 5138), from here on milliseconds (since 1973). */
const MIN_MILLISECONDS = 1e11;
/** The furthest a JavaScript date reaches. */
const MAX_TIME_MS = 8.64e15;
const MAX_LOOSE_LENGTH = 64;

const UNIX_TIME = /^\d{9,13}(?:\.\d+)?$/;
/** Date.parse finds a date in nearly any words with a number, so a date must begin like one and name its year. */
const LOOSE_DATE =
  /^(?:\d{1,4}\b|[+-]\d{6}-|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)/i;
const YEAR = /\d{4}/;
/** A zone other than UTC, which is what a text without one means. */
const NAMES_A_ZONE = /\bGMT[+-]|\b[ECMP][SD]T\b|:\d\d(?:\.\d+)?\s*[+-]\d\d:?\d\d/i;

export const toUnixSeconds = (ms: number): number => Math.floor(ms / 1_000);

/**
 * When the event happened: `timestamp`, which ingest has corrected for the device's clock, else
 * `originalTimestamp`, else `receivedAt`; the first that can be read. Undefined when none can.
 */
export const eventTimeMs = (event: JsonObject): number | undefined =>
  parseTime(event['timestamp']) ?? parseTime(event['originalTimestamp']) ?? parseTime(event['receivedAt']);

/**
 * The time in an event's ULID: what the SDK said first, since only that stays the same when it sends the
 * event again. `timestamp` moves with each attempt.
 */
export const dedupeTimeMs = (event: JsonObject, timestampMs: number): number =>
  parseTime(event['originalTimestamp']) ?? timestampMs;

/** Unix seconds, null for the null that removes the attribute, undefined for what is no time since 1970. */
export const parseCreatedAt = (value: unknown): number | null | undefined => {
  if (value === null) return null;
  const ms = parseTime(value);
  return ms === undefined || ms < 0 ? undefined : toUnixSeconds(ms);
};

/** A time in any of the forms that senders use: ISO-8601, another parsable date, Unix seconds, milliseconds. */
const parseTime = (value: unknown): number | undefined => {
  if (typeof value === 'number') return fromUnixTime(value);
  return typeof value === 'string' ? (parseIsoDate(value) ?? parseLooseTime(value)) : undefined;
};

const fromUnixTime = (value: number): number | undefined => {
  const ms = Math.floor(Math.abs(value) < MIN_MILLISECONDS ? value * 1_000 : value);
  return Math.abs(ms) <= MAX_TIME_MS ? ms : undefined;
};

const parseLooseTime = (text: string): number | undefined => {
  if (text.length > MAX_LOOSE_LENGTH) return undefined;
  const trimmed = text.trim();
  if (UNIX_TIME.test(trimmed)) return fromUnixTime(Number(trimmed));
  return LOOSE_DATE.test(trimmed) && YEAR.test(trimmed) ? parseLooseDate(trimmed) : undefined;
};

/** What Date.parse makes of it; without a zone it is UTC, not the zone of wherever this runs. */
const parseLooseDate = (text: string): number | undefined => {
  // Stryker disable next-line ConditionalExpression,StringLiteral: seen only outside UTC, by a test in another process
  const isZoned = text.endsWith('Z') || NAMES_A_ZONE.test(text);
  const ms = Date.parse(isZoned ? text : `${text} UTC`);
  return Number.isNaN(ms) || isImpossibleDay(text) ? undefined : ms;
};

/** Date.parse takes the 30th of February for the 1st of March when the text is not strictly ISO. */
const isImpossibleDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d/.test(text) && parseIsoDate(text.slice(0, 10)) === undefined;
