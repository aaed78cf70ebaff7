// When an event happened. Device clocks are wrong; only differences on the same clock are right, and the
// server's own clock. Nothing may ever be dated in the future: Customer.io would ignore what comes after it.

import { parseIsoDate } from '../event/iso-date';
import type { JsonObject } from '../json/json-object';

/** What `Date` can hold. */
const MAX_DATE_MS = 8.64e15;
/** A number below it counts seconds, above it milliseconds: 1973 in one, 5138 in the other. */
const MIN_MILLISECONDS = 1e11;

/** Whole milliseconds since 1970 of ISO 8601 (no zone is UTC) or Unix time; undefined for anything else. */
export const parseTime = (value: unknown): number | undefined => {
  if (typeof value === 'string') return parseIsoDate(value);
  return typeof value === 'number' ? fromUnix(value) : undefined;
};

const fromUnix = (value: number): number | undefined => {
  const ms = Math.floor(Math.abs(value) < MIN_MILLISECONDS ? value * 1_000 : value);
  return Math.abs(ms) <= MAX_DATE_MS ? ms : undefined;
};

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** When the client says it happened, as sent. RudderStack sends both; then `timestamp` is the caller's. */
export const clientTime = (event: JsonObject): unknown => {
  const { timestamp, originalTimestamp } = event;
  if (!isGiven(originalTimestamp)) return isGiven(timestamp) ? timestamp : undefined;
  return isGiven(timestamp) && parseTime(timestamp) !== undefined ? timestamp : originalTimestamp;
};

/**
 * Segment's `timestamp = receivedAt - (sentAt - originalTimestamp)`; all in milliseconds since 1970. Without
 * `sentAt` the client's time stands as it is, without a client's time it is `receivedAt`. Never later than
 * `receivedAt`; imports of years ago stay where they are.
 */
export const correctedTime = (
  clientMs: number | undefined,
  sentAtMs: number | undefined,
  receivedAtMs: number,
): number => {
  if (clientMs === undefined) return receivedAtMs;
  const correctedMs = sentAtMs === undefined ? clientMs : receivedAtMs - (sentAtMs - clientMs);
  // Before 1970 there is no Unix time: such a clock says nothing.
  return correctedMs > 0 && correctedMs < receivedAtMs ? correctedMs : receivedAtMs;
};

const MINUTE_MS = 60_000;
const SECONDS = Array.from({ length: 60 }, (_, second) => `${String(second).padStart(2, '0')}.`);
const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

let lastMinute = Number.NaN;
let lastMinuteText = '';

/**
 * What `toISOString` answers, for whole milliseconds since 1970. That method, called twice for each event,
 * was the dearest part of ingest after JSON itself. Most events are of one minute, so its text is kept.
 */
export const formatTime = (ms: number): string => {
  const minute = Math.floor(ms / MINUTE_MS);
  if (minute !== lastMinute) {
    lastMinute = minute;
    lastMinuteText = new Date(minute * MINUTE_MS).toISOString().slice(0, -'00.000Z'.length);
  }
  const left = ms - minute * MINUTE_MS;
  return `${lastMinuteText}${SECONDS[Math.floor(left / 1_000)]}${MILLISECONDS[left % 1_000]}`;
};
