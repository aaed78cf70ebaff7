// The hand-written reader of ISO-8601, against tables and, for what both know, against Date.parse.

import fc from 'fast-check';
import { parseIsoDate } from '../../../lib/event/iso-date';

describe('parseIsoDate', () => {
  it.each([
    ['2024-05-06', '2024-05-06T00:00:00.000Z'],
    ['2024-05-06T07:08', '2024-05-06T07:08:00.000Z'],
    ['2024-05-06T07:08Z', '2024-05-06T07:08:00.000Z'],
    ['2024-05-06T07:08+02:00', '2024-05-06T05:08:00.000Z'],
    ['2024-05-06T07:08:09', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06T07:08:09Z', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06T07:08:09+0000', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06T07:08:09+0530', '2024-05-06T01:38:09.000Z'],
    ['2024-05-06T07:08:09-08:00', '2024-05-06T15:08:09.000Z'],
    ['2024-05-06T07:08:09-00:00', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06T07:08:09+23:59', '2024-05-05T07:09:09.000Z'],
    ['2024-05-06T07:08:09.1Z', '2024-05-06T07:08:09.100Z'],
    ['2024-05-06T07:08:09.12', '2024-05-06T07:08:09.120Z'],
    ['2024-05-06T07:08:09.123+02:00', '2024-05-06T05:08:09.123Z'],
    ['2024-05-06T07:08:09.123456+00:00', '2024-05-06T07:08:09.123Z'],
    ['2024-08-14T20:36:48.6527521Z', '2024-08-14T20:36:48.652Z'],
    ['2024-05-06T07:08:09.999999999Z', '2024-05-06T07:08:09.999Z'],
    ['2024-05-06T07:08:09.999999999-11:30', '2024-05-06T18:38:09.999Z'],
    ['2024-05-06T24:00:00Z', '2024-05-07T00:00:00.000Z'],
    ['2024-05-06T24:00', '2024-05-07T00:00:00.000Z'],
    ['2024-12-31T23:59:59.999Z', '2024-12-31T23:59:59.999Z'],
    ['2024-05-06 07:08', '2024-05-06T07:08:00.000Z'],
    ['2024-05-06 07:08:09', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06 07:08:09Z', '2024-05-06T07:08:09.000Z'],
    ['2024-05-06 07:08:09.123456+00:00', '2024-05-06T07:08:09.123Z'],
    ['2024-05-06 07:08:09-0800', '2024-05-06T15:08:09.000Z'],
    ['2024-05-06 24:00:00', '2024-05-07T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['1970-01-01', '1970-01-01T00:00:00.000Z'],
    ['1969-12-31T23:59:59Z', '1969-12-31T23:59:59.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['0000-02-29', '0000-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseIsoDate(text)).toBe(new Date(expected).getTime());
  });

  it.each([
    ['an impossible day', '2024-02-30'],
    ['the 29th of February of a common year', '2023-02-29'],
    ['the 29th of February of a century', '1900-02-29'],
    ['the 31st of April', '2024-04-31T00:00:00Z'],
    ['day 0', '2024-05-00'],
    ['month 0', '2024-00-06'],
    ['month 13', '2024-13-06'],
    ['hour 24 with minutes', '2024-05-06T24:01:00Z'],
    ['hour 24 with seconds', '2024-05-06T24:00:01Z'],
    ['hour 24 with a fraction', '2024-05-06T24:00:00.001Z'],
    ['hour 25', '2024-05-06T25:00:00Z'],
    ['minute 60', '2024-05-06T07:60:00Z'],
    ['a leap second, which Unix time does not know', '2016-12-31T23:59:60Z'],
    ['a zone of 24 hours', '2024-05-06T07:08:09+24:00'],
    ['a zone of 60 minutes', '2024-05-06T07:08:09+02:60'],
    ['a zone of hours alone', '2024-05-06T07:08:09+02'],
    ['a zone with a stray colon', '2024-05-06T07:08:09+0:00'],
    ['a zone with another separator', '2024-05-06T07:08:09+02.00'],
    ['a zone of letters', '2024-05-06T07:08:09+ab:cd'],
    ['a named zone', '2024-05-06T07:08:09CET'],
    ['two zones', '2024-05-06T07:08:09ZZ'],
    ['ten decimals', '2024-05-06T07:08:09.1234567890Z'],
    ['no decimals after the point', '2024-05-06T07:08:09.Z'],
    ['decimals that are no digits', '2024-05-06T07:08:09.1x3Z'],
    ['decimals beyond the third that are no digits', '2024-05-06T07:08:09.123x5Z'],
    ['a sign below the digits', '2024-05-06T07:08:1/Z'],
    ['a sign above the digits', '2024-05-06T07:08:0:Z'],
    ['seconds that are missing after their colon', '2024-05-06T07:08:Z'],
    ['another first separator', '2024x05-06'],
    ['another second separator', '2024-05x06'],
    ['decimals of a minute', '2024-05-06T07:08.5Z'],
    ['decimals after a comma', '2024-05-06T07:08:09,123Z'],
    ['one digit of seconds', '2024-05-06T07:08:9Z'],
    ['an hour alone', '2024-05-06T07Z'],
    ['a T alone', '2024-05-06T'],
    ['a zone without a time', '2024-05-06T-05:00'],
    ['a zone right after the hour', '2024-05-06T07+02:00'],
    ['a wrong separator in the time', '2024-05-06T07.08:09Z'],
    ['a wrong separator before the seconds', '2024-05-06T07:08.09Z'],
    ['a lower-case t', '2024-05-06t07:08:09Z'],
    ['two spaces', '2024-05-06  07:08:09'],
    ['a tab for the T', '2024-05-06\t07:08:09'],
    ['a space before the zone', '2024-05-06 07:08:09 +02:00'],
    ['a space before Z', '2024-05-06T07:08:09 Z'],
    ['UTC in letters', '2024-05-06 07:08:09 UTC'],
    ['a lower-case z', '2024-05-06T07:08:09z'],
    ['two dates', '2023-06-05 to 2023-06-07'],
    ['two dates with slashes between', '2023-06-05/2023-06-07'],
    ['a date and a number', '2023-06-05-1'],
    ['a date and a number after a space', '2023-06-05 1234'],
    ['a date and words', '2023-06-05 morning'],
    ['two times with spaces', '2023-06-05 10:00 - 11:00'],
    ['a date and a clock of twelve hours', '2023-06-05 10:00 AM'],
    ['a space alone', '2024-05-06 '],
    ['a blank after', '2024-05-06T07:08:09Z '],
    ["an unset date of MySQL's", '0000-00-00 00:00:00'],
    ['blanks around', ' 2024-05-06'],
    ['words after', '2024-05-06 or later'],
    ['slashes', '2024/05/06'],
    ['the basic format', '20240506T070809Z'],
    ['a week date', '2024-W19-1'],
    ['an ordinal date', '2024-127'],
    ['a month', '2024-05'],
    ['a year of five digits', '12024-05-06'],
    ['a signed year', '+012024-05-06T07:08:09Z'],
    ['letters for digits', 'abcd-ef-gh'],
    ['other digits', '２０２４-05-06'],
    ['a phone number', '+14155552671'],
    ['a phone number with dashes', '0123-45-6789'],
    ['an id', '1234-56-789-ABCDEF'],
    ['digits', '1714979289'],
    ['a UUID', '384ad0ed-ab8e-47f1-8abb-d84b1fb8c3e0'],
    ['nothing', ''],
    ['a long text that begins with a date', `2024-05-06T${'0'.repeat(5_000)}`],
  ])('takes %s for no date', (_, text) => {
    expect(parseIsoDate(text)).toBeUndefined();
  });

  it.each([2023, 2024, 2100, 2400])('knows the last day of every month of %i', (year) => {
    for (let month = 1; month <= 12; month += 1) {
      const lastDay = new Date(Date.UTC(year, month, 0));
      const prefix = lastDay.toISOString().slice(0, 8);

      expect(parseIsoDate(`${prefix}${lastDay.getUTCDate()}`)).toBe(lastDay.getTime());
      expect(parseIsoDate(`${prefix}${lastDay.getUTCDate() + 1}`)).toBeUndefined();
    }
  });

  it('agrees with Date.parse on every date and time there is', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseIsoDate(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it('reads each date by itself, whatever was read before it', () => {
    const times = ['2023-06-05T01:02:03Z', '2023-06-06', '2023-06-31', '2023-06-31T00:00:00Z', '2023-06-05'];
    const alone = [1_685_926_923_000, 1_686_009_600_000, undefined, undefined, 1_685_923_200_000];

    const twice = <T>(values: readonly T[]): T[] => values.flatMap((value) => [value, value]);

    expect([...times, ...twice(times)].map(parseIsoDate)).toEqual([...alone, ...twice(alone)]);
  });

  it('agrees with Date.parse on texts that nearly are dates', () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
    const time = fc.tuple(digits(2), digits(2), digits(2)).map((parts) => `T${parts.join(':')}`);
    const zone = fc.oneof(
      fc.constant('Z'),
      fc.tuple(digits(2), digits(2)).map((parts) => `+${parts.join(':')}`),
    );
    const text = fc
      .tuple(digits(4), digits(2), digits(2), time, zone)
      .map(([y, m, d, t, z]) => `${y}-${m}-${d}${t}${z}`);

    fc.assert(
      fc.property(text, (candidate) => {
        const expected = Date.parse(candidate);
        // Date.parse lets the 30th of February pass as the 1st of March.
        fc.pre(Number.isNaN(expected) || Number(candidate.slice(8, 10)) <= 28);
        expect(parseIsoDate(candidate)).toBe(Number.isNaN(expected) ? undefined : expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
