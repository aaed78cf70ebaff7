// The one reader of times, for both doors: whatever form a sender uses, the same value is the same time over HTTP
// and on the queue. It reads no clock and no time zone of the machine, and no value makes it throw or costs it much.

import { parseDateText, withLatinDigits } from './date-text';
import { parseIsoDate } from './iso-date';

/*
 * Unix time says its unit by its size. Each unit is read from 3 March 1973 to 16 November 5138 (seconds from
 * their beginning in 1970), and the next one begins where it ends; before 1970 by the same sizes below zero.
 */
const MIN_MILLISECONDS = 1e11;
const MIN_MICROSECONDS = 1e14;
const MIN_NANOSECONDS = 1e17;
/** From here on a number is no time: it would be nanoseconds after the year 5138. */
const END_OF_NANOSECONDS = 1e20;

/**
 * Seconds, milliseconds, microseconds, nanoseconds, told apart by how many digits they have. Eight digits are
 * `20240506`, 14 and 17 `20240506070809` with and without milliseconds; no unit has so many before the year 2286.
 */
const UNIX_TIME = /^(\d{9,13}|\d{15,16}|\d{18,19})(?:\.(\d{1,6})\d*)?$/;
const NANOSECOND_DIGITS = 18;

/** Longer than any form with the longest name of a zone behind it. */
const MAX_LENGTH = 100;

/**
 * Whole milliseconds since 1970, rounded down; undefined for what is no time.
 *
 * Reads ISO 8601 (a date, or date and time by `T` or a space; `Z`, `±hh`, `±hhmm`, `±hh:mm`, with a space before,
 * ` UTC`, or no zone, which is UTC; decimals after a point or comma; the basic form `20230605T000000Z`), Unix
 * seconds, milliseconds, microseconds and nanoseconds as numbers or digits, RFC 2822, 850 and HTTP dates, and what Go,
 * Python, Ruby, Java and JavaScript print. Impossible days and hours are none, a zone by letters is one of RFC 2822, and
 * a leap second is the beginning of the next day.
 * @param value any JSON value.
 */
export const parseTime = (value: unknown): number | undefined => {
  if (typeof value === 'number') return fromUnixTime(value);
  return typeof value === 'string' ? (parseIsoDate(value) ?? parseText(value)) : undefined;
};

const fromUnixTime = (value: number): number | undefined => {
  const size = Math.abs(value);
  // Asked this way round because NaN is neither below nor above, and must not pass.
  if (!(size < END_OF_NANOSECONDS)) return undefined;
  // Seconds and nanoseconds are not exact in a number: rounded to microseconds first, the millisecond is the right one.
  if (size < MIN_MILLISECONDS) return Math.floor(Math.round(value * 1e6) / 1e3);
  if (size < MIN_MICROSECONDS) return Math.floor(value);
  return Math.floor(size < MIN_NANOSECONDS ? value / 1e3 : Math.round(value / 1e3) / 1e3);
};

const parseText = (text: string): number | undefined => {
  if (text.length > MAX_LENGTH) return undefined;
  const latin = withLatinDigits(text.trim());
  const unixTime = UNIX_TIME.exec(latin);
  return unixTime === null ? parseDateText(latin) : fromDigits(unixTime);
};

/** A number cannot hold all digits of nanoseconds, so the last three go while they are text. */
const fromDigits = ([, digits = '', decimals = '0']: RegExpExecArray): number | undefined =>
  fromUnixTime(Number(digits.length >= NANOSECOND_DIGITS ? digits.slice(0, -3) : `${digits}.${decimals}`));
