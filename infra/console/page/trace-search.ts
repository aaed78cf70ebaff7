// A search of the archive as the address has it: a link leads to the same search, and what it leaves out is as the
// command has it.

import type { PageInfo, TraceQuery } from '../contract';
import type { PageRoute } from './hash';

type Defaults = NonNullable<PageInfo['trace']>;

export const searchIn = ({ open, query }: PageRoute, { since, limits }: Defaults): TraceQuery => ({
  wanted: open.trim(),
  since: query.get('since') || since,
  until: query.get('until') ?? '',
  source: query.get('source') ?? '',
  limit: limits.find((limit) => `${limit}` === query.get('limit')) ?? limits[0] ?? 1,
  scans: query.get('scans') === 'true',
});

/** What stands in the address: what is as by default is left out. */
export const inAddress = (search: TraceQuery, { since, limits }: Defaults): Record<string, string> => ({
  since: search.since === since ? '' : search.since,
  until: search.until,
  source: search.source,
  limit: search.limit === limits[0] ? '' : `${search.limit}`,
  scans: search.scans ? 'true' : '',
});

/** What the server is asked. */
export const pathOfSearch = ({ wanted, since, until, source, limit, scans }: TraceQuery): string =>
  `trace?${new URLSearchParams({
    // Half a character cannot be encoded.
    wanted: wanted.toWellFormed(),
    ...{ since, until, source, limit: `${limit}`, scans: `${scans}` },
  })}`;

/** How far back, in words. */
export const RANGES: readonly (readonly [since: string, words: string])[] = [
  ['1h', 'in the last hour'],
  ['1d', 'in the last day'],
  ['7d', 'in the last 7 days'],
  ['30d', 'in the last 30 days'],
  ['90d', 'in the last 90 days'],
];

export const BETWEEN = 'between two times';

export const rangeWords = ({ since, until }: Pick<TraceQuery, 'since' | 'until'>): string =>
  (until === '' && RANGES.find(([known]) => known === since)?.[1]) || BETWEEN;

const HOURS = { h: 1, d: 24 } as const;

/** A time that is said as how long ago, as a time; any other as it is. */
export const timeOf = (said: string, nowMs = Date.now()): string => {
  const [, number, unit] = /^(\d{1,4})([hd])$/.exec(said) ?? [];
  if (unit !== 'h' && unit !== 'd') return said;
  return new Date(nowMs - Number(number) * HOURS[unit] * 3_600_000).toISOString();
};

/** For a field of the browser's, in its own time zone; empty for what it cannot show. */
export const toField = (time: string): string => {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return '';
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
};

/** Empty for what is no time. */
export const fromField = (field: string): string => {
  const ms = Date.parse(field);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
};

/** What a search costs, as AWS bills Athena: by what is read, and for little as for 10 MB. */
const DOLLARS_A_BYTE = 5 / 1e12;
const LEAST_BYTES = 10e6;

export const athenaWords = (bytes: number): string => {
  const dollars = Math.max(bytes, LEAST_BYTES) * DOLLARS_A_BYTE;
  const read =
    bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
  return `Athena read ${read}, ${dollars < 0.01 ? 'less than $0.01' : `some $${dollars.toFixed(2)}`}.`;
};
