// Values of options that more than one command takes.

import { InvalidArgumentError } from 'commander';
import { parseTime } from '../../lib/event/parse-time';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const AGO = /^(\d+)([mhd])$/;

/** `2h` ago, or any form of time that an event may have. Milliseconds since 1970. */
export const parseMoment = (text: string): number => {
  const ms = momentAt(text, Date.now());
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('Give a time like 2026-11-28T10:00:00Z, or how long ago: 30m, 2h, 3d.');
};

/** The same, said at that time; undefined for what is no time. */
export const momentAt = (text: string, nowMs: number): number | undefined => {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined && (unit === 'm' || unit === 'h' || unit === 'd')) {
    return nowMs - Number(count) * UNIT_MS[unit];
  }
  return parseTime(text);
};

/** Kept as it was typed, for a command that goes on later: `7d` ago is not what it was then. */
export const checkedMoment = (text: string): string => {
  parseMoment(text);
  return text;
};

export const parseRate = (text: string): number => {
  const rate = Number(text);
  if (Number.isFinite(rate) && rate > 0) return rate;
  throw new InvalidArgumentError('Give a number a second that is more than 0.');
};

export const parseShare = (text: string): number => {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError('Give a part of the whole, more than 0 and at most 1, like 0.5.');
};

export const parseCount = (text: string): number => {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Give a whole number that is more than 0.');
};
