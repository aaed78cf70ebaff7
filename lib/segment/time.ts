// When an event happened. Device clocks are wrong; only differences on the same clock are right, and the
// server's own clock. Nothing may ever be dated in the future: Customer.io would ignore what comes after it.

import type { JsonObject } from './event';

/** What `Date` can hold. */
const MAX_DATE_MS = 8.64e15;
/** A number below it counts seconds, above it milliseconds: 1973 in one, 5138 in the other. */
const MIN_MILLISECONDS = 1e11;

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** Milliseconds since 1970 of ISO 8601 (no zone is UTC) or Unix time; undefined for anything else. */
export const parseTime = (value: unknown): number | undefined => {
  const ms = typeof value === 'string' ? parseIso(value) : typeof value === 'number' ? fromUnix(value) : NaN;
  return Math.abs(ms) <= MAX_DATE_MS ? ms : undefined;
};

const parseIso = (text: string): number => {
  const match = ISO_8601.exec(text);
  if (match === null) return NaN;
  const hasTime = text.length > 'YYYY-MM-DD'.length;
  const zone = match[1];
  // Without a zone, `Date.parse` would take the time for local.
  if (hasTime && zone === undefined) return Date.parse(`${text}Z`);
  return Date.parse(zone?.length === '+hh'.length ? `${text}:00` : text);
};

const fromUnix = (value: number): number => (value < MIN_MILLISECONDS ? value * 1_000 : value);

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** When the client says it happened, as sent. RudderStack sends both; then `timestamp` is the caller's. */
export const clientTime = (event: JsonObject): unknown => {
  const { timestamp, originalTimestamp } = event;
  if (isGiven(timestamp) && (parseTime(timestamp) !== undefined || !isGiven(originalTimestamp))) {
    return timestamp;
  }
  return isGiven(originalTimestamp) ? originalTimestamp : undefined;
};

/**
 * Segment's `timestamp = receivedAt - (sentAt - originalTimestamp)`, in milliseconds since 1970. Without
 * `sentAt` the client's time stands as it is, without a usable one it is `receivedAt`. Never later than
 * `receivedAt`; imports of years ago stay where they are.
 */
export const correctedTime = (clientTime: unknown, sentAt: unknown, receivedAtMs: number): number => {
  const happenedMs = parseTime(clientTime);
  if (happenedMs === undefined) return receivedAtMs;
  const sentMs = parseTime(sentAt);
  const correctedMs = sentMs === undefined ? happenedMs : receivedAtMs - (sentMs - happenedMs);
  // Before 1970 there is no Unix time: such a clock says nothing.
  return correctedMs > 0 && correctedMs < receivedAtMs ? correctedMs : receivedAtMs;
};
