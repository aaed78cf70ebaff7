// Where in the archive a line is: by source, day and hour of its `receivedAt`, as infra/archive.yml has Firehose write
// them. A test compares the two.

export const EVENTS_PREFIX = 'events/';
/** What Firehose could not place, as it came. */
export const ERRORS_PREFIX = 'errors/';
/** Who was forgotten. */
export const FORGOTTEN_PREFIX = 'forgotten/';

/** The day on which it came to Firehose, or the first of it did; undefined for what lies there otherwise. */
export const errorDayOf = (key: string): string | undefined => /\/(\d{4}-\d{2}-\d{2})\/[^/]*$/.exec(key)?.[1];

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

/** Prefixes of the first hour and the last. Keys of what is between them stand between them. */
export const endsOf = (source: string, { fromMs, untilMs }: TimeRange): { first: string; last: string } => {
  const [first, last] = [fromMs, untilMs - 1].map((ms) => new Date(ms).toISOString());
  return { first: partitionOf(source, first ?? ''), last: partitionOf(source, last ?? '') };
};
