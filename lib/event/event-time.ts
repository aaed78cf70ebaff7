// When an event happened. Device clocks are wrong; only differences on the same clock are right, and the server's
// own clock. Nothing may be dated in the future: Customer.io would ignore what comes after it. The same event gets
// the same time however often it is replayed.

import type { JsonObject } from '../json/json-object';
import { parseTime } from './parse-time';

/** What a door knows of when an event came. Milliseconds since 1970. */
export interface TimeOfArrival {
  /** `receivedAt` over HTTP, SentTimestamp on the queue. */
  readonly receivedAtMs: number;
  /** When it was sent, by the clock of its sender; only a door that stands before the sender knows. */
  readonly sentAtMs?: number | undefined;
}

export interface EventTime {
  /** When it happened: after 1970, and not after its arrival, give or take the difference between servers' clocks. */
  readonly timestampMs: number;
  /** What its sender said, as it came, whether it can be read or not; undefined when nothing was said. */
  readonly originalTimestamp: unknown;
  /** When the first server received it. */
  readonly receivedAtMs: number;
  /** The sender gave a time that cannot be used (no form of a time, or before 1970), so the arrival stands for it. */
  readonly isReplaced: boolean;
}

/** How far apart the clocks of two servers may be. Those of Lambda and SQS are far closer. */
const MAX_CLOCK_SKEW_MS = 1_000;

/**
 * The time of an event at a door. An event with a readable `receivedAt` (one that ingest put on the queue; Segment's
 * webhooks, archives and replays) was corrected by a server already: it keeps its `timestamp`, and also its
 * `originalTimestamp`, which decides its ULID. Any other is corrected as Segment does. Either way a time after the
 * arrival becomes the arrival, because anybody can write a `receivedAt`.
 */
export const correctTime = (event: JsonObject, arrival: TimeOfArrival): EventTime => {
  const carriedMs = receivedByServerMs(event);
  return carriedMs === undefined
    ? correctBySender(event, arrival)
    : keepCorrected(event, carriedMs, arrival.receivedAtMs);
};

/** When a server took the event that has corrected its times; undefined when none has. */
export const receivedByServerMs = ({ receivedAt }: JsonObject): number | undefined =>
  sinceEpoch(parseTime(receivedAt));

const correctBySender = (event: JsonObject, { receivedAtMs, sentAtMs }: TimeOfArrival): EventTime => {
  const originalTimestamp = clientTime(event);
  const clientMs = parseTime(originalTimestamp);
  const correctedMs = clientMs === undefined ? undefined : correctedTime(clientMs, sentAtMs, receivedAtMs);
  return {
    timestampMs: correctedMs === undefined ? receivedAtMs : Math.min(correctedMs, receivedAtMs),
    originalTimestamp,
    receivedAtMs,
    isReplaced: originalTimestamp !== undefined && correctedMs === undefined,
  };
};

/**
 * Segment's `timestamp = receivedAt - (sentAt - originalTimestamp)`. Without `sentAt` the client's time stands as it
 * is; imports of years ago stay where they are.
 */
const correctedTime = (
  clientMs: number,
  sentAtMs: number | undefined,
  receivedAtMs: number,
): number | undefined =>
  sinceEpoch(
    sentAtMs === undefined || isUnset(sentAtMs, clientMs) || isUnset(clientMs, sentAtMs)
      ? clientMs
      : receivedAtMs - (sentAtMs - clientMs),
  );

/** A time nobody has set (0, Go's year 1), told by the other one, which another clock must have given. */
const isUnset = (ms: number, otherMs: number): boolean => ms <= 0 && otherMs > 0;

/** Before 1970 there is no Unix time: such a clock says nothing. */
const sinceEpoch = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms > 0 ? ms : undefined;

const keepCorrected = (event: JsonObject, carriedMs: number, nowMs: number): EventTime => {
  const { timestamp, originalTimestamp } = event;
  const receivedAtMs = notAhead(carriedMs, nowMs);
  const said = isGiven(originalTimestamp) ? originalTimestamp : givenOrNone(timestamp);
  const happenedMs = sinceEpoch(parseTime(timestamp)) ?? sinceEpoch(parseTime(originalTimestamp));
  return {
    timestampMs: happenedMs === undefined ? receivedAtMs : notAhead(happenedMs, nowMs),
    originalTimestamp: said,
    receivedAtMs,
    isReplaced: said !== undefined && happenedMs === undefined,
  };
};

/** A server's clock may be a little ahead of ours, so that its times stay as they are; what is further ahead is now. */
const notAhead = (ms: number, nowMs: number): number => (ms - nowMs > MAX_CLOCK_SKEW_MS ? nowMs : ms);

/** When the client says it happened, as sent. RudderStack sends both; then `timestamp` is the caller's. */
export const clientTime = ({ timestamp, originalTimestamp }: JsonObject): unknown => {
  if (!isGiven(originalTimestamp)) return givenOrNone(timestamp);
  return sinceEpoch(parseTime(timestamp)) === undefined ? originalTimestamp : timestamp;
};

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

const givenOrNone = (value: unknown): unknown => (isGiven(value) ? value : undefined);

/**
 * When an event that a door has taken happened: `timestamp`, else `originalTimestamp`, else `receivedAt`; the
 * first that can be read. Undefined when none can.
 */
export const eventTimeMs = (event: JsonObject): number | undefined =>
  parseTime(event['timestamp']) ?? parseTime(event['originalTimestamp']) ?? parseTime(event['receivedAt']);

/**
 * The time in an event's ULID: what the SDK said first, since only that stays the same when it sends the
 * event again. `timestamp` moves with each attempt.
 */
export const dedupeTimeMs = (event: JsonObject, timestampMs: number): number =>
  parseTime(event['originalTimestamp']) ?? timestampMs;
