// Reads ISO-8601 by hand: it is asked about every string of every event, and a regex with Date.parse costs
// ten times as much. The rule: what is not surely a date is none, because ids and phone numbers must survive.

const SPACE = 32;
const DASH = 45;
const PLUS = 43;
const COLON = 58;
const DOT = 46;
const LETTER_T = 84;
const LETTER_Z = 90;

const DATE_LENGTH = 10;
const CLOCK_AT = 11;
const FRACTION_AT = 20;

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** Of a year that is no leap year. */
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;
/** From the first day of the year 0 to that of 1970, by the Gregorian calendar. */
const DAYS_BEFORE_1970 = 719_528;

/**
 * Milliseconds since 1970 (negative before it), or undefined for anything but a date, or a date and time, joined
 * by `T` or one space, with `Z`, `±hh:mm`, `±hhmm` or no zone, which means UTC. Seconds may be absent; they may
 * have 1 to 9 decimals, of which three count. `24:00:00` is the midnight that ends the day. Unix time has no leap
 * seconds, so `:60` is none. These are the forms an attribute may be converted from; times of events come in more
 * (`date-text.ts`), which are rewritten into this one, so that the calendar stands here alone.
 */
export const parseIsoDate = (text: string): number | undefined => {
  if (!looksLikeIsoDate(text)) return undefined;
  // Stryker disable next-line ConditionalExpression: only spares the same text a second reading
  if (text !== lastText) {
    lastMs = text.length === DATE_LENGTH ? dayMs(text) : dayMs(text) + clockMs(text);
    lastText = text;
  }
  return Number.isNaN(lastMs) ? undefined : lastMs;
};

/** The time of an event is asked for five times on its way, so the last one is kept. */
// Stryker disable next-line StringLiteral: no date is written as the mutant is
let lastText = '';
let lastMs = Number.NaN;

/** The cheap test that nearly every string of an event fails. */
const looksLikeIsoDate = (text: string): boolean =>
  text.charCodeAt(4) === DASH &&
  text.charCodeAt(7) === DASH &&
  (text.length === DATE_LENGTH || joinsDateAndTime(text.charCodeAt(DATE_LENGTH)));

const joinsDateAndTime = (code: number): boolean => code === LETTER_T || code === SPACE;

// From here on NaN means "no date": it passes through sums and fails every comparison.

/** Counted by hand: `Date.UTC` takes three times as long, and the years 0 to 99 for 1900 to 1999. */
const dayMs = (text: string): number => {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (!(day >= 1 && day <= daysInMonth(month, isLeapYear))) return Number.NaN;
  const leapDay = isLeapYear && month > 2 ? 1 : 0;
  const days = daysBeforeYear(year) + (DAYS_BEFORE_MONTH[month - 1] ?? 0) + leapDay + day - 1;
  return (days - DAYS_BEFORE_1970) * MS_PER_DAY;
};

/** Since the year 0, which is a leap year. */
const daysBeforeYear = (year: number): number =>
  year * 365 + Math.ceil(year / 4) - Math.ceil(year / 100) + Math.ceil(year / 400);

const daysInMonth = (month: number, isLeapYear: boolean): number =>
  month === 2 && isLeapYear ? 29 : (DAYS_IN_MONTH[month - 1] ?? Number.NaN);

const clockMs = (text: string): number => {
  const zoneLength = lengthOfZone(text);
  const end = text.length - zoneLength;
  const minuteOfDay = readMinuteOfDay(text);
  const ms = readSeconds(text, end) * 1_000 + readFraction(text, end);
  // Only the midnight that ends the day has the hour 24.
  if (!(minuteOfDay < 1440 || (minuteOfDay === 1440 && ms === 0))) return Number.NaN;
  return (minuteOfDay - readOffset(text, zoneLength)) * MS_PER_MINUTE + ms;
};

/** `Z` 1, `±hhmm` 5, `±hh:mm` 6, none 0. */
const lengthOfZone = (text: string): number => {
  const { length } = text;
  if (text.charCodeAt(length - 1) === LETTER_Z) return 1;
  if (isSign(text.charCodeAt(length - 5))) return 5;
  return isSign(text.charCodeAt(length - 6)) && text.charCodeAt(length - 3) === COLON ? 6 : 0;
};

const readOffset = (text: string, zoneLength: number): number => {
  if (zoneLength < 5) return 0;
  const sign = text.charCodeAt(text.length - zoneLength) === DASH ? -1 : 1;
  const hours = twoDigits(text, text.length - zoneLength + 1);
  const minutes = twoDigits(text, text.length - 2);
  return hours <= 23 && minutes <= 59 ? sign * (hours * 60 + minutes) : Number.NaN;
};

const readMinuteOfDay = (text: string): number => {
  const hours = twoDigits(text, CLOCK_AT);
  const minutes = twoDigits(text, CLOCK_AT + 3);
  return minutes <= 59 && text.charCodeAt(CLOCK_AT + 2) === COLON ? hours * 60 + minutes : Number.NaN;
};

const readSeconds = (text: string, end: number): number => {
  if (end === CLOCK_AT + 5) return 0;
  const seconds = twoDigits(text, CLOCK_AT + 6);
  return seconds <= 59 && text.charCodeAt(CLOCK_AT + 5) === COLON ? seconds : Number.NaN;
};

/** 1 to 9 decimals of a second, as whole milliseconds. */
const readFraction = (text: string, end: number): number => {
  if (end < FRACTION_AT) return 0;
  if (text.charCodeAt(FRACTION_AT - 1) !== DOT || end === FRACTION_AT || end > FRACTION_AT + 9)
    return Number.NaN;
  let ms = 0;
  for (let at = FRACTION_AT, scale = 100; at < end; at += 1, scale /= 10) {
    const digit = digitAt(text, at);
    if (Number.isNaN(digit)) return Number.NaN;
    if (scale >= 1) ms += digit * scale;
  }
  return ms;
};

const twoDigits = (text: string, at: number): number => digitAt(text, at) * 10 + digitAt(text, at + 1);

const digitAt = (text: string, at: number): number => {
  const digit = text.charCodeAt(at) - 48;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
};

const isSign = (code: number): boolean => code === PLUS || code === DASH;
