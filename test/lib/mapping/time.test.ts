// When an event happened, in every form senders have been seen to use; never by the clock or zone of the machine.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { dedupeTimeMs, eventTimeMs, parseCreatedAt, toUnixSeconds } from '../../../lib/mapping/time';

describe('eventTimeMs', () => {
  it.each([
    ['ISO-8601', '2024-05-06T07:08:09.123Z', '2024-05-06T07:08:09.123Z'],
    ['ISO-8601 without a zone', '2024-05-06T07:08:09', '2024-05-06T07:08:09.000Z'],
    ['nanoseconds', '2024-05-06T07:08:09.123456789Z', '2024-05-06T07:08:09.123Z'],
    ['a space for the T', '2024-05-06 07:08:09', '2024-05-06T07:08:09.000Z'],
    ['a space for the T, with a zone', '2024-05-06 07:08:09+02:00', '2024-05-06T05:08:09.000Z'],
    ["Go's way", '2024-05-06 07:08:09.5 +0000 UTC', '2024-05-06T07:08:09.500Z'],
    ['an HTTP date', 'Mon, 06 May 2024 07:08:09 GMT', '2024-05-06T07:08:09.000Z'],
    ['a mail date', 'Mon, 06 May 2024 09:08:09 +0200', '2024-05-06T07:08:09.000Z'],
    ["JavaScript's way", 'Mon May 06 2024 09:08:09 GMT+0200 (CEST)', '2024-05-06T07:08:09.000Z'],
    ['an American zone', '2024-05-06 07:08 EST', '2024-05-06T12:08:00.000Z'],
    ['words', 'May 6, 2024 3:04 PM', '2024-05-06T15:04:00.000Z'],
    ['the name of a month in full', 'September 6, 2024', '2024-09-06T00:00:00.000Z'],
    ['decimals before a zone', '2024-05-06 07:08:09.25+02:00', '2024-05-06T05:08:09.250Z'],
    ['the longest text it looks at', 'May 6, 2024'.padEnd(64), '2024-05-06T00:00:00.000Z'],
    ['words the other way round', '6 May 2024', '2024-05-06T00:00:00.000Z'],
    ['slashes', '05/06/2024', '2024-05-06T00:00:00.000Z'],
    ['an extended year', '+012345-01-01T00:00:00.000Z', '+012345-01-01T00:00:00.000Z'],
    ['blanks around', ' May 6, 2024 ', '2024-05-06T00:00:00.000Z'],
    ['Unix seconds', 1714979289, '2024-05-06T07:08:09.000Z'],
    ['Unix seconds with decimals', 1714979289.123, '2024-05-06T07:08:09.123Z'],
    ['Unix seconds as text', '1714979289', '2024-05-06T07:08:09.000Z'],
    ['Unix seconds with decimals as text', '1714979289.123', '2024-05-06T07:08:09.123Z'],
    ['milliseconds', 1714979289123, '2024-05-06T07:08:09.123Z'],
    ['milliseconds as text', '1714979289123', '2024-05-06T07:08:09.123Z'],
    ['the last number taken for seconds', 99_999_999_999, '5138-11-16T09:46:39.000Z'],
    ['the first number taken for milliseconds', 100_000_000_000, '1973-03-03T09:46:40.000Z'],
    ['the last moment there is', 8.64e15, '+275760-09-13T00:00:00.000Z'],
    ['a time before 1970', '1969-12-31T23:59:59.500Z', '1969-12-31T23:59:59.500Z'],
    ['a number before 1970', -1, '1969-12-31T23:59:59.000Z'],
  ])('reads %s', (_, timestamp, expected) => {
    expect(eventTimeMs({ timestamp })).toBe(Date.parse(expected));
  });

  it.each([
    ['words with a number', 'foo 1'],
    ['a plan', 'plan 2024'],
    ['a two-digit year', '12/31/99'],
    ['a short number as text', '12345'],
    ['an impossible day', '2024-02-30 07:08:09'],
    ['an impossible hour', '2024-05-06T25:00:00Z'],
    ['a weekday', 'Tuesday'],
    ['a phone number', '+14155552671'],
    ['a number in scientific notation', '1714979289e3'],
    ['a long text', 'May 6, 2024'.padEnd(65)],
    ['nothing', ''],
    ['a number beyond all dates', 8.64e15 + 1],
    ['infinity', Number.POSITIVE_INFINITY],
    ['null', null],
    ['true', true],
    ['an object', { seconds: 1714979289 }],
    ['an array', ['2024-05-06']],
  ])('cannot read %s', (_, timestamp) => {
    expect(eventTimeMs({ timestamp })).toBeUndefined();
  });

  it('prefers timestamp, then originalTimestamp, then receivedAt, of those that can be read', () => {
    const [timestamp, originalTimestamp, receivedAt] = ['2024-05-03', '2024-05-02', '2024-05-01'];

    expect(eventTimeMs({ timestamp, originalTimestamp, receivedAt })).toBe(Date.parse(timestamp));
    expect(eventTimeMs({ timestamp: 'soon', originalTimestamp, receivedAt })).toBe(
      Date.parse(originalTimestamp),
    );
    expect(eventTimeMs({ timestamp: 'soon', originalTimestamp: '', receivedAt })).toBe(
      Date.parse(receivedAt),
    );
    expect(eventTimeMs({ originalTimestamp: 'soon' })).toBeUndefined();
    expect(eventTimeMs({})).toBeUndefined();
  });

  it('reads a date without a zone as UTC wherever it runs', () => {
    // Another process, because Jest's own environment does not reach the time zone of this one.
    const script = `
      const { eventTimeMs } = require('./lib/mapping/time');
      const texts = ['2024-05-06T07:08:09', '2024-05-06 07:08:09', 'May 6, 2024'];
      console.log(new Date(0).getHours(), ...texts.map((timestamp) => eventTimeMs({ timestamp })));`;

    const output = execFileSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=commonjs', '-e', script],
      {
        cwd: path.join(__dirname, '../../..'),
        env: { ...process.env, TZ: 'America/New_York' },
        encoding: 'utf8',
      },
    );

    expect(output.trim()).toBe('19 1714979289000 1714979289000 1714953600000');
  });
});

describe('dedupeTimeMs', () => {
  it('is what the SDK said first, which a second attempt does not change', () => {
    const event = { originalTimestamp: '2024-05-06T07:08:09.123Z', timestamp: '2024-05-06T08:00:00Z' };

    expect(dedupeTimeMs(event, Date.parse(event.timestamp))).toBe(1714979289123);
  });

  it.each([undefined, null, 'soon'])(
    'is the time of the event when originalTimestamp is %s',
    (originalTimestamp) => {
      expect(dedupeTimeMs({ originalTimestamp }, 1_000)).toBe(1_000);
    },
  );
});

describe('parseCreatedAt', () => {
  it.each([
    ['2013-02-18T16:35:08.999Z', 1361205308],
    [1361205308, 1361205308],
    [1361205308.9, 1361205308],
    [1361205308999, 1361205308],
    ['1361205308', 1361205308],
    ['2024', 1704067200],
    [0, 0],
    ['1970-01-01', 0],
    [null, null],
    ['1969-12-31', undefined],
    [-1, undefined],
    ['', undefined],
    [true, undefined],
    [undefined, undefined],
  ])('takes %p for %p', (value, expected) => {
    expect(parseCreatedAt(value)).toBe(expected);
  });
});

describe('toUnixSeconds', () => {
  it('rounds down, before 1970 too', () => {
    expect([1_999, 0, -1].map(toUnixSeconds)).toEqual([1, 0, -1]);
  });
});
