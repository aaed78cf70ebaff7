// Reads a date that is written in one of the many ways of programs: mail and HTTP dates, what Go, Python, Ruby, Java
// and JavaScript print, ISO 8601 in its rarer forms. The rule: a text is taken apart and written again as the
// one form that `parseIsoDate` reads, so that the calendar decides once and no zone of a machine plays a part.

import { parseIsoDate } from './iso-date';

/** Arabic and Persian: Java writes dates in the digits of the device's language. Both zeros are multiples of 16. */
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/g;
/** What follows a time and says nothing more: Go's monotonic clock, a zone's name in brackets. */
const REMARK = /(?:\s?\([^()]*\)|\[[^[\]]*\]|\sm=[+-][\d.]+)$/;
/** ISO's form without separators. */
const BASIC_ISO = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(?!\d)/i;
const CLOCK = /(?:^|[T\s,])(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?(?:\s?([ap])m\b)?/i;
/** After an offset an abbreviation repeats the zone: Go's `+0200 CEST`, or `+0300 +03`. */
const ZONE =
  /^[\s:]?(z|utc?|gmt|[ecmp][sd]t)?\s?(?:([+-])(\d{1,2})(?::?(\d\d))?(?:\s(?:[a-z]{1,5}|[+-]\d{2,4})$)?)?(?![\w:])/i;
/** A day that has no time of day can still be said to be one of UTC. */
const DAY_OF_UTC = /\s?(?:z|utc?|gmt)$/i;
const EXTENDED_YEAR = /^[+-]\d{6}-/;

/** The zones that RFC 2822 names. Other abbreviations mean different zones in different countries. */
const OFFSET_BY_ZONE: ReadonlyMap<string, string> = new Map([
  ['EST', '-05:00'],
  ['EDT', '-04:00'],
  ['CST', '-06:00'],
  ['CDT', '-05:00'],
  ['MST', '-07:00'],
  ['MDT', '-06:00'],
  ['PST', '-08:00'],
  ['PDT', '-07:00'],
]);

const MONTHS: readonly string[] = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

interface Clock {
  /** As ISO writes it, `hh:mm:ss.fraction`. */
  readonly time: string;
  /** `Z` or `±hh:mm`. */
  readonly zone: string;
}

const MIDNIGHT: Clock = { time: '00:00', zone: 'Z' };

/** The text with Arabic and Persian digits as 0 to 9, which everything below can read. */
export const withLatinDigits = (text: string): string =>
  text.replace(OTHER_DIGITS, (digit) => String(digit.charCodeAt(0) % 16));

/**
 * Milliseconds since 1970, or undefined. A year has four digits, or two behind the name of a month (`06-May-24`),
 * `05/06/2024` is the American May 6th, and a text without a zone is UTC.
 * @param text of a length the caller has limited, without blanks around it.
 */
export const parseDateText = (text: string): number | undefined => {
  if (EXTENDED_YEAR.test(text)) return parseExtendedYear(text);
  const plain = text.replace(REMARK, '').replace(BASIC_ISO, toExtendedIso);
  const clock = CLOCK.exec(plain);
  if (clock === null) return toMs(readDay(plain.replace(DAY_OF_UTC, '')), MIDNIGHT);
  const after = plain.slice(clock.index + clock[0].length);
  const zone = ZONE.exec(after);
  const day = `${plain.slice(0, clock.index)} ${after.slice(zone?.[0].length)}`;
  const zoned = (time: string): Clock => ({ time, zone: readZone(zone) });
  return clock[3] === LEAP_SECOND
    ? leapSecondMs(toMs(readDay(day), zoned(readTime(clock, '59'))))
    : toMs(readDay(day), zoned(readTime(clock)));
};

const LEAP_SECOND = '60';
const DAY_MS = 86_400_000;

/** Unix time has none: it is the first second of the next day, and stands at the end of a day of UTC alone. */
const leapSecondMs = (msBefore: number | undefined): number | undefined => {
  if (msBefore === undefined) return undefined;
  const ms = msBefore + 1_000;
  return (ms - (ms % 1_000)) % DAY_MS === 0 ? ms : undefined;
};

const toMs = (day: string | undefined, { time, zone }: Clock): number | undefined =>
  day === undefined ? undefined : parseIsoDate(`${day}T${time}${zone}`);

/**
 * Reads a year of six digits only in the exact form that `toISOString` writes, which no other text can be taken
 * for.
 */
const parseExtendedYear = (text: string): number | undefined => {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? ms : undefined;
};

/** Puts ISO's separators into the basic form, whose seconds may be absent. */
const toExtendedIso = (
  _: string,
  year: string,
  month: string,
  day: string,
  hours: string,
  minutes: string,
  seconds = '00',
): string => `${year}-${month}-${day}T${hours}:${minutes}:${seconds}`;

const readTime = (
  [, hours = '', minutes = '', given = '00', fraction = '0', half]: RegExpExecArray,
  seconds = given,
): string =>
  `${half === undefined ? twoDigits(hours) : hourOfDay(hours, half)}:${minutes}:${seconds}.${fraction}`;

/** An hour that no day has, so that the calendar refuses the date. */
const NO_HOUR = '99';

/** On a clock of twelve hours, 12 AM is midnight and 12 PM noon. */
const hourOfDay = (text: string, half: string): string => {
  const hours = Number(text);
  if (hours < 1 || hours > 12) return NO_HOUR;
  return twoDigits(String((hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0)));
};

const readZone = (zone: RegExpExecArray | null): string => {
  const [, name = '', sign, hours = '', minutes = '00'] = zone ?? [];
  if (sign !== undefined) return `${sign}${twoDigits(hours)}:${minutes}`;
  return OFFSET_BY_ZONE.get(name.toUpperCase()) ?? 'Z';
};

/** The day as ISO writes it; undefined for anything but a date in one of the usual orders. A weekday may precede. */
const readDay = (text: string): string | undefined => {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (isNameOf(WEEKDAYS, words[0])) words.shift();
  const day = words.join(' ');
  const [year, month, dayOfMonth] = numericDay(day) ?? namedDay(day) ?? [];
  return year === undefined || month === undefined
    ? undefined
    : `${year}-${twoDigits(month)}-${twoDigits(dayOfMonth ?? '1')}`;
};

type DayParts = readonly [year: string | undefined, month: string | undefined, day: string | undefined];

/** `2024`, `2024-05`, `2024-05-06`, `05/06/2024`; with slashes or dashes. */
const numericDay = (text: string): DayParts | undefined => {
  const [, year, month = '1', day] = /^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?$/.exec(text) ?? [];
  if (year !== undefined) return [year, month, day];
  const american = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$/.exec(text);
  return american === null ? undefined : [american[3], american[1], american[2]];
};

/** `6 May 2024`, `06-May-2024`, `May 2024`, `06-May-24`, `May 6 2024`, `2024 May 6`. */
const namedDay = (text: string): DayParts | undefined => {
  const short = /^(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d\d)$/i.exec(text);
  if (short !== null) return [wholeYear(short[3]), monthNumber(short[2]), short[1]];
  const dayFirst = /^(?:(\d{1,2})[ -])?([a-z]{3,9})\.?[ -](\d{4})$/i.exec(text);
  if (dayFirst !== null) return [dayFirst[3], monthNumber(dayFirst[2]), dayFirst[1]];
  const monthFirst = /^([a-z]{3,9})\.? (\d{1,2}) (\d{4})$/i.exec(text);
  if (monthFirst !== null) return [monthFirst[3], monthNumber(monthFirst[1]), monthFirst[2]];
  const yearFirst = /^(\d{4})[ -]([a-z]{3,9})\.?[ -](\d{1,2})$/i.exec(text);
  return yearFirst === null ? undefined : [yearFirst[1], monthNumber(yearFirst[2]), yearFirst[3]];
};

/** RFC 2822, 4.3: what RFC 822 and RFC 850 shortened means 1950 to 2049. */
const wholeYear = (twoDigitYear = ''): string => (twoDigitYear < '50' ? '20' : '19') + twoDigitYear;

const monthNumber = (name: string | undefined): string | undefined => {
  const index = indexOfName(MONTHS, name);
  return index === -1 ? undefined : String(index + 1);
};

/** The position of the name that the word stands for, in full or shortened to three letters or more; -1 for none. */
const indexOfName = (names: readonly string[], word = ''): number => {
  const name = word.toLowerCase();
  return name.length < 3 ? -1 : names.findIndex((full) => full.startsWith(name));
};

const isNameOf = (names: readonly string[], word: string | undefined): boolean =>
  indexOfName(names, word) !== -1;

const twoDigits = (text: string): string => text.padStart(2, '0');
