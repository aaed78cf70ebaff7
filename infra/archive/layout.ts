// Where in the archive a line is: by source, day and hour of its `receivedAt`, as infra/archive.yml has Firehose write
// them. A test compares the two.

export const EVENTS_PREFIX = 'events/';
/** What Firehose could not place, as it came. */
export const ERRORS_PREFIX = 'errors/';
/** Who was forgotten. */
export const FORGOTTEN_PREFIX = 'forgotten/';

/** The day on which it came to Firehose, or the first of it did; undefined for what lies there otherwise. */
export const errorDayOf = (key: string): string | undefined => /\/(\d{4}-\d{2}-\d{2})\/[^/]*$/.exec(key)?.[1];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** @param receivedAt ISO 8601, UTC. */
export const partitionOf = (source: string, receivedAt: string): string =>
  `${sourcePrefix(source)}day=${receivedAt.slice(0, 10)}/hour=${receivedAt.slice(11, 13)}/`;

export const sourcePrefix = (source: string): string => `${EVENTS_PREFIX}${SOURCE}${source}/`;

const SOURCE = 'source=';

/** Of names directly below `events/`. */
export const sourcesIn = (folders: readonly string[]): string[] =>
  folders.flatMap((name) => (name.startsWith(SOURCE) ? name.slice(SOURCE.length) : []));

/** From and until, in milliseconds since 1970; the end is not a part of it. */
export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Prefixes that hold every line of the source in this time, in its order: whole days, and hours at the ends. */
export const prefixesOf = (source: string, { fromMs, untilMs }: TimeRange): string[] => {
  const prefixes: string[] = [];
  let at = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
  while (at < untilMs) {
    const isWholeDay = at % DAY_MS === 0 && at + DAY_MS <= untilMs;
    const partition = partitionOf(source, new Date(at).toISOString());
    prefixes.push(isWholeDay ? partition.slice(0, partition.indexOf('hour=')) : partition);
    at += isWholeDay ? DAY_MS : HOUR_MS;
  }
  return prefixes;
};
