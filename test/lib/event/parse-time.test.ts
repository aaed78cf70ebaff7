// The one clock: every form that senders have been seen to use, and what must not pass for a time. The same value
// is the same time wherever and whenever this runs.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { parseTime } from '../../../lib/event/parse-time';
import { anyCharacter } from '../../support/any-character';
import { startCpuClock } from '../../support/cpu';

const JUNE_5 = '2023-06-05T00:00:00.000Z';
const IN_MS = '2023-06-05T00:00:00.123Z';
const EAST = '2023-06-04T22:00:00.000Z';
const WEST = '2023-06-05T05:00:00.000Z';

describe('parseTime', () => {
  it.each([
    ['a date', '2023-06-05', JUNE_5],
    ['JavaScript, Swift and Kotlin', '2023-06-05T00:00:00.123Z', IN_MS],
    ['PHP', '2023-06-05T00:00:00+00:00', JUNE_5],
    ['a space', '2023-06-05 00:00:00', JUNE_5],
    ['no seconds', '2023-06-05T00:00', JUNE_5],
    ['no seconds with a space', '2023-06-05 00:00Z', JUNE_5],
    ['a lower-case z', '2023-06-05T00:00:00z', JUNE_5],
    ['all in lower case', '2023-06-05t00:00:00z', JUNE_5],
    ['hours of a zone', '2023-06-05T00:00:00+02', EAST],
    ['a zone without a colon', '2023-06-05T00:00:00+0200', EAST],
    ['a zone with a colon', '2023-06-05T00:00:00+02:00', EAST],
    ['a space before hours of a zone', '2023-06-05 00:00:00 +02', EAST],
    ['a space before a zone', '2023-06-05T00:00:00 +0200', EAST],
    ['a space before a zone with a colon', '2023-06-05T00:00:00 +02:00', EAST],
    ['a space before Z', '2023-06-05T00:00:00 Z', JUNE_5],
    ['UTC', '2023-06-05T00:00:00 UTC', JUNE_5],
    ['a comma', '2023-06-05T00:00:00,123Z', IN_MS],
    ['nine decimals after a comma', '2023-06-05 00:00:00,123999999 +00:00', IN_MS],
    ['more decimals than anybody has', '2023-06-05T00:00:00.1239999999999Z', IN_MS],
    ['a colon before the zone', '2023-06-05T00:00:00.123:+00:00', IN_MS],
    ['the end of a day', '2023-06-04T24:00:00 UTC', JUNE_5],
    ['a day of UTC', '2023-06-05Z', JUNE_5],
    ['the basic form', '20230605T000000Z', JUNE_5],
    ['the basic form with decimals', '20230605T000000.123Z', IN_MS],
    ['the basic form with a comma', '20230605T000000,123+0000', IN_MS],
    ['the basic form with a zone', '20230605T000000+0200', EAST],
    ['the basic form with hours of a zone', '20230605T000000+02', EAST],
    ['the basic form in minutes', '20230605T0000Z', JUNE_5],
    ['the basic form without a zone', '20230605T000000', JUNE_5],
    ["Java's zone in brackets", '2023-06-05T00:00:00+02:00[Europe/Berlin]', EAST],
    ['a zone after GMT', '2023-06-05T00:00:00.123GMT+00:00', IN_MS],
    ['Go', '2023-06-05 00:00:00.123 +0000 UTC', IN_MS],
    ['Go on a monotonic clock', '2023-06-05 00:00:00.123456789 +0000 UTC m=+0.123456789', IN_MS],
    ['Go before its clock began', '2023-06-05 00:00:00 +0000 UTC m=-1.5', JUNE_5],
    ['Go in another zone', '2023-06-05 00:00:00 +0200 CEST', EAST],
    ['Go in a zone without a name', '2023-06-05 00:00:00 +0200 +02', EAST],
    ['Go in New York', '2023-06-05 00:00:00 -0500 EST m=+17.000001', WEST],
    ['Python', '2023-06-05 00:00:00.123456+00:00', IN_MS],
    ['Ruby', '2023-06-05 00:00:00 UTC', JUNE_5],
    ['Ruby in another zone', '2023-06-05 00:00:00 +0200', EAST],
    ['HTTP', 'Mon, 05 Jun 2023 00:00:00 GMT', JUNE_5],
    ['HTTP of old', 'Mon Jun  5 00:00:00 2023', JUNE_5],
    ['mail', 'Mon, 05 Jun 2023 00:00:00 +0200', EAST],
    ['mail with one digit of the day', 'Mon, 5 Jun 2023 00:00:00 -0500', WEST],
    ['mail without a weekday', '5 Jun 2023 00:00 +0000', JUNE_5],
    ['mail with a comment', 'Mon, 05 Jun 2023 00:00:00 +0200 (CEST)', EAST],
    ['mail with UT', 'Mon, 05 Jun 2023 00:00:00 UT', JUNE_5],
    ['mail with EST', 'Mon, 05 Jun 2023 00:00:00 EST', WEST],
    ['mail with EDT', 'Mon, 05 Jun 2023 01:00:00 EDT', WEST],
    ['mail with CST', 'Sun, 04 Jun 2023 23:00:00 CST', WEST],
    ['mail with CDT', 'Mon, 05 Jun 2023 00:00:00 CDT', WEST],
    ['mail with MST', 'Sun, 04 Jun 2023 22:00:00 MST', WEST],
    ['mail with MDT', 'Sun, 04 Jun 2023 23:00:00 MDT', WEST],
    ['mail with PST', 'Sun, 04 Jun 2023 21:00:00 PST', WEST],
    ['mail with PDT', 'Sun, 04 Jun 2023 22:00:00 PDT', WEST],
    ['JavaScript', 'Mon Jun 05 2023 00:00:00 GMT+0000 (Coordinated Universal Time)', JUNE_5],
    ['JavaScript in Germany', 'Mon Jun 05 2023 00:00:00 GMT+0200 (Mitteleuropäische Sommerzeit)', EAST],
    ['Java', 'Mon Jun 05 00:00:00 UTC 2023', JUNE_5],
    ['Java with an offset', 'Mon Jun 05 00:00:00 GMT+02:00 2023', EAST],
    ['an Arabic device', '٢٠٢٣-٠٦-٠٥T٠٠:٠٠:٠٠.١٢٣Z', IN_MS],
    ['a Persian device', '۲۰۲۳-۰۶-۰۵T۰۰:۰۰:۰۰.۱۲۳Z', IN_MS],
    ['American words', 'June 5, 2023 12:00 AM', JUNE_5],
    ['an American browser', '6/5/2023, 12:00:00 AM', JUNE_5],
    ['an American browser of today', '6/5/2023, 12:00:00\u202fAM', JUNE_5],
    ['noon', '6/5/2023 12:00 pm', '2023-06-05T12:00:00.000Z'],
    ['slashes', '2023/06/05 00:00:00', JUNE_5],
    ['single digits', '2023-6-5 0:00', JUNE_5],
    ['a month', '2023-06', '2023-06-01T00:00:00.000Z'],
    ['a month by name', 'Sept 2023', '2023-09-01T00:00:00.000Z'],
    ['a year', '2023', '2023-01-01T00:00:00.000Z'],
    ['dashes and a name', '05-Jun-2023 00:00:00', JUNE_5],
    ['the year first', '2023 Jun 5 00:00:00', JUNE_5],
    ['American dashes', '06-05-2023', JUNE_5],
    ['HTTP of RFC 850', 'Monday, 05-Jun-23 00:00:00 GMT', JUNE_5],
    ['Go by RFC 850', 'Monday, 05-Jun-23 00:00:00 UTC', JUNE_5],
    ['Go by RFC 822', '05 Jun 23 00:00 UTC', JUNE_5],
    ['mail of two digits', 'Mon, 5 Jun 23 00:00:00 +0200', EAST],
    ['a database of two digits', '05-JUN-23', JUNE_5],
    ['the last two digits of this century', '31 Dec 49', '2049-12-31T00:00:00.000Z'],
    ['the first two digits of the last one', 'Sunday, 01-Jan-50 00:00:00 GMT', '1950-01-01T00:00:00.000Z'],
    ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['a leap second with decimals', '2016-12-31 23:59:60.250 UTC', '2017-01-01T00:00:00.250Z'],
    ['a leap second in the basic form', '20161231T235960Z', '2017-01-01T00:00:00.000Z'],
    ['a leap second in another zone', '2017-01-01T01:59:60+02:00', '2017-01-01T00:00:00.000Z'],
    ['a leap second of mail', 'Sat, 31 Dec 2016 18:59:60 EST', '2017-01-01T00:00:00.000Z'],
    ['blanks around', '\t2023-06-05T00:00:00Z\n', JUNE_5],
    ['a year beyond 9999', '+012345-01-01T00:00:00.000Z', '+012345-01-01T00:00:00.000Z'],
    ['a year before 0', '-000001-01-01T00:00:00.000Z', '-000001-01-01T00:00:00.000Z'],
    ['the longest text it looks at', '2023-06-05'.padEnd(100), JUNE_5],
  ])('reads %s', (_, text, expected) => {
    expect(parseTime(text)).toBe(Date.parse(expected));
  });

  it.each([
    ['seconds', 1685923200, JUNE_5],
    ['seconds as digits', '1685923200', JUNE_5],
    ['seconds with decimals', 1685923200.123, IN_MS],
    ['seconds with decimals as digits', '1685923200.123', IN_MS],
    ['seconds with all decimals', '1685923200.123999999', IN_MS],
    ['seconds with decimals of the next millisecond', 1685923200.9999, '2023-06-05T00:00:00.999Z'],
    ['milliseconds', 1685923200123, IN_MS],
    ['milliseconds with decimals', 1685923200123.9, IN_MS],
    ['milliseconds as digits', '1685923200123', IN_MS],
    ['microseconds', 1685923200123999, IN_MS],
    ['microseconds as digits', '1685923200123999', IN_MS],
    // A number holds every 256th nanosecond of today.
    ['nanoseconds', Number('1685923200123000000'), IN_MS],
    ['nanoseconds as digits', '1685923200123999999', IN_MS],
    ['Arabic digits', '١٦٨٥٩٢٣٢٠٠', JUNE_5],
    ['1970', 0, '1970-01-01T00:00:00.000Z'],
    ['a number before 1970', -1, '1969-12-31T23:59:59.000Z'],
    ['the last seconds', 99_999_999_999, '5138-11-16T09:46:39.000Z'],
    ['the first milliseconds', 100_000_000_000, '1973-03-03T09:46:40.000Z'],
    ['the last milliseconds', 99_999_999_999_999, '5138-11-16T09:46:39.999Z'],
    ['the first microseconds', 100_000_000_000_000, '1973-03-03T09:46:40.000Z'],
    ['the first nanoseconds', 100_000_000_000_000_000, '1973-03-03T09:46:40.000Z'],
    ['the first milliseconds before 1970', -100_000_000_000, '1966-10-31T14:13:20.000Z'],
  ])('reads %s', (_, value, expected) => {
    expect(parseTime(value)).toBe(Date.parse(expected));
  });

  it.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['words', 'yesterday'],
    ['words with a number', 'Order 66'],
    ['a plan', 'plan 2024'],
    ['a word like a month', 'Marketing 5 2024'],
    ['two letters of a month', 'Ju 5 2024'],
    ['a month that is none', '5 Foo 2024'],
    ['a weekday', 'Tuesday'],
    ['a time of day', '12:30'],
    ['a date in eight digits', '20230605'],
    ['a date and time in digits', '20230605000000'],
    ['a date and time in digits with milliseconds', '20230605000000123'],
    ['a short number', '12345'],
    ['twenty digits', '16859232001239999990'],
    ['digits with a sign', '-1685923200'],
    ['digits in scientific notation', '1685923200e3'],
    ['digits after a point alone', '1685923200.'],
    ['a phone number', '+14155552671'],
    ['a two-digit year', '12/31/99'],
    ['a two-digit year behind the day', 'Jun 5 23'],
    ['a two-digit year before all', '23-Jun-2'],
    ['a month and two digits', 'Jun 23'],
    ['a year of three digits', '05 Jun 123'],
    ['an impossible day of a two-digit year', '31-Jun-23'],
    ['a 61st second that is no leap second', '2016-12-31T23:58:60Z'],
    ['a leap second of no zone that has it', '2016-12-31T12:59:60Z'],
    ['a 62nd second', '2016-12-31T23:59:61Z'],
    ['a leap second of an impossible day', '2016-02-30T23:59:60Z'],
    ['a day first with slashes', '24/12/2023'],
    ['an impossible day', '2023-02-30'],
    ['an impossible day with a space', '2023-02-30 07:08:09 UTC'],
    ['an impossible day of mail', 'Sat, 31 Jun 2023 01:00:00 GMT'],
    ['an impossible day in words', 'February 29, 2023'],
    ['an impossible day of a long year', '+012345-02-30T00:00:00.000Z'],
    ['a long year without a time', '+012345-01-01'],
    ['a year beyond all', '+999999-01-01T00:00:00.000Z'],
    ['an impossible basic day', '20230230T000000Z'],
    ['an impossible hour', '2023-06-05T25:00:00 UTC'],
    ['an impossible minute', '2023-06-05T07:60:00 UTC'],
    ['an impossible zone', '2023-06-05 00:00:00 +2400'],
    ['minutes of a zone that are none', '2023-06-05 00:00:00 +02:60'],
    ['an hour of twelve that is none', '6/5/2023 13:00 PM'],
    ['hour 0 of twelve', '6/5/2023 0:00 AM'],
    ['an abbreviation that means several zones', '2023-06-05 00:00:00 BST'],
    ['a date and words', '05-Jun-2023 foo'],
    ['a zone of five digits', '2023-06-05 00:00:00 +02000'],
    ['two zones', '2023-06-05T00:00:00ZZ'],
    ['two dates', '2023-06-05 to 2023-06-07'],
    ['two dates with a time', '2023-06-05 12:00:00 to 2023-06-07'],
    ['two times', '2023-06-05 10:00 - 11:00'],
    ['a date and a number', '2023-06-05-1'],
    ['a week', '2023-W23-1'],
    ['a UUID', '384ad0ed-ab8e-47f1-8abb-d84b1fb8c3e0'],
    ['a text that is too long', '2023-06-05'.padEnd(101)],
    ['a number beyond all units', 1e20],
    ['no number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['null', null],
    ['undefined', undefined],
    ['true', true],
    ['an object', { seconds: 1685923200 }],
    ['an array', ['2023-06-05']],
  ])('takes %s for no time', (_, value) => {
    expect(parseTime(value)).toBeUndefined();
  });

  it('reads the same whatever the time zone of the machine', () => {
    // Another process, because Jest's own environment does not reach the time zone of this one.
    const texts = ['2024-05-06T07:08:09', '2024-05-06 07:08:09 UTC', 'May 6, 2024', '5/6/2024, 7:08:09 AM'];
    const script = `
      const { parseTime } = require('./lib/event/parse-time');
      console.log(new Date(0).getHours(), ...${JSON.stringify(texts)}.map(parseTime));`;

    const output = execFileSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=commonjs', '-e', script],
      {
        cwd: path.join(__dirname, '../../..'),
        env: { ...process.env, TZ: 'America/New_York' },
        encoding: 'utf8',
      },
    );

    expect(output.trim()).toBe('19 1714979289000 1714979289000 1714953600000 1714979289000');
  });
});

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An instant as a clock on a wall shows it, so many minutes east of Greenwich. */
const wallClock = (ms: number, offset: number) => {
  const date = new Date(ms + offset * 60_000);
  const [day = '', time = ''] = date.toISOString().split(/[TZ]/);
  const [, hours, minutes] = /(\d\d):(\d\d)/.exec(new Date(Math.abs(offset) * 60_000).toISOString()) ?? [];
  const sign = offset < 0 ? '-' : '+';
  return {
    day,
    time,
    second: time.slice(0, 8),
    fraction: time.slice(9),
    zone: `${sign}${hours}:${minutes}`,
    basicZone: `${sign}${hours}${minutes}`,
    weekday: WEEKDAYS[date.getUTCDay()],
    month: MONTHS[date.getUTCMonth()],
    date: day.slice(8),
    year: day.slice(0, 4),
  };
};

type WallClock = ReturnType<typeof wallClock>;

/** How programs write a time, by the milliseconds it keeps. */
const FORMATS: readonly [precisionMs: number, format: (wall: WallClock) => string][] = [
  [1, ({ day, time, zone }) => `${day}T${time}${zone}`],
  [1, ({ day, time, basicZone }) => `${day}T${time}${basicZone}`],
  [1, ({ day, time, zone }) => `${day} ${time}${zone}`],
  [1, ({ day, second, fraction, zone }) => `${day} ${second}.${fraction}456${zone}`],
  [1, ({ day, second, fraction, zone }) => `${day}T${second},${fraction}999999 ${zone}`],
  [1, ({ day, time, basicZone }) => `${day} ${time} ${basicZone} XYZ m=+0.123`],
  [1, ({ day, time, zone }) => `${day.replaceAll('-', '')}T${time.replaceAll(':', '')}${zone}`],
  [1_000, ({ day, second, basicZone }) => `${day} ${second} ${basicZone}`],
  [1_000, (w) => `${w.weekday}, ${w.date} ${w.month} ${w.year} ${w.second} ${w.basicZone}`],
  [1_000, (w) => `${w.weekday} ${w.month} ${w.date} ${w.year} ${w.second} GMT${w.basicZone} (Some Time)`],
  [1_000, (w) => `${w.weekday} ${w.month} ${w.date} ${w.second} GMT${w.zone} ${w.year}`],
  [60_000, ({ day, time, zone }) => `${day}T${time.slice(0, 5)}${zone}`],
];

const floorTo = (precisionMs: number, ms: number): number => Math.floor(ms / precisionMs) * precisionMs;

describe('any instant', () => {
  const instant = fc.integer({ min: Date.parse('0001-01-02'), max: Date.parse('9999-12-30') });
  const offset = fc.integer({ min: -1_439, max: 1_439 });

  it.each(
    FORMATS.map(([precisionMs, format]) => ({ example: format(wallClock(0, 0)), precisionMs, format })),
  )('is read as it was written like $example', ({ precisionMs, format }) => {
    fc.assert(
      fc.property(instant, offset, (ms, minutes) => {
        expect(parseTime(format(wallClock(ms, minutes)))).toBe(floorTo(precisionMs, ms));
      }),
    );
  });

  it('is read from JavaScript in any of its own ways', () => {
    fc.assert(
      fc.property(instant, (ms) => {
        const date = new Date(ms);
        expect(parseTime(date.toISOString())).toBe(ms);
        expect(parseTime(date.toUTCString())).toBe(floorTo(1_000, ms));
        expect(parseTime(date.toString())).toBe(floorTo(1_000, ms));
      }),
    );
  });

  it('is read as Unix time in every unit, as a number and as digits', () => {
    const recent = fc.integer({ min: Date.parse('1973-03-04'), max: Date.parse('2100-01-01') });
    fc.assert(
      fc.property(recent, fc.nat(999_999), (ms, nanoseconds) => {
        const below = String(nanoseconds).padStart(6, '0');
        const [seconds, decimals] = [String(ms).slice(0, -3), String(ms).slice(-3)];
        const texts = [
          String(ms),
          `${seconds}.${decimals}`,
          `${seconds}.${decimals}${below}`,
          `${ms}${below.slice(0, 3)}`,
          `${ms}${below}`,
        ].filter((text) => !/^\d{1,8}(?:\.|$)/.test(text));

        expect(texts.map(parseTime)).toEqual(texts.map(() => ms));
        expect([ms, ms / 1_000, ms * 1_000, ms * 1_000_000].map(parseTime)).toEqual([ms, ms, ms, ms]);
      }),
    );
  });
});

describe('any value', () => {
  const fragment = fc.constantFrom(
    ...'0123456789-+:.,TZ /()[]m=',
    ' ',
    'Mon',
    'Jun',
    'GMT',
    'UTC',
    '2023',
    '٢',
  );
  const nearlyTime = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(''));

  it('is a whole number of milliseconds or none', () => {
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.string({ unit: anyCharacter }), nearlyTime);
    fc.assert(
      fc.property(value, (json) => {
        const ms = parseTime(json);
        expect(ms === undefined || Number.isSafeInteger(ms)).toBe(true);
        expect(ms === undefined || !Number.isNaN(new Date(ms).getTime())).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('costs little, however long and however nearly a time', () => {
    const fillers = ['(', '[', '1', ' ', '1:', '12:34', ' m=+1', '-', ',', 'Jun ', 'T', '٢', '+02'];
    const texts = fillers.flatMap((filler) => [
      filler.repeat(Math.floor(100 / filler.length)),
      `2023-06-05T00:00:00${filler.repeat(Math.floor(80 / filler.length))}`,
      filler.repeat(1_000_000),
    ]);
    const spentMs = startCpuClock();
    for (let round = 0; round < 100; round += 1) texts.forEach(parseTime);

    // 3,900 readings take some ten milliseconds; one that backtracks takes longer than all.
    expect(spentMs()).toBeLessThan(2_000);
  });
});
