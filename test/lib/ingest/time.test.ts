import fc from 'fast-check';
import { clientTime, correctedTime, formatTime, parseTime } from '../../../lib/ingest/time';

const at = (iso: string): number => new Date(iso).getTime();

describe('parseTime', () => {
  it.each([
    ['JavaScript, Swift, Kotlin and Java', '2026-11-24T05:45:58.284Z', '2026-11-24T05:45:58.284Z'],
    ['Python and Ruby in microseconds', '2026-11-24T05:45:58.284123+00:00', '2026-11-24T05:45:58.284Z'],
    ['Python and Ruby in milliseconds', '2026-11-24T05:45:58.284+00:00', '2026-11-24T05:45:58.284Z'],
    ['PHP in seconds', '2026-11-24T05:45:58+00:00', '2026-11-24T05:45:58.000Z'],
    ['Go in nanoseconds', '2026-11-24T05:45:58.284123456Z', '2026-11-24T05:45:58.284Z'],
    ['a local offset', '2026-11-24T07:15:58.284+01:30', '2026-11-24T05:45:58.284Z'],
    ['an offset without a colon', '2026-11-24T00:45:58-0500', '2026-11-24T05:45:58.000Z'],
    ['no zone, which is UTC', '2026-11-24T05:45:58', '2026-11-24T05:45:58.000Z'],
    ['a date', '2026-11-24', '2026-11-24T00:00:00.000Z'],
  ])('reads the time of %s', (_, text, expected) => {
    expect(parseTime(text)).toBe(at(expected));
  });

  it('reads Unix time in seconds and in milliseconds', () => {
    expect(parseTime(1_795_499_158)).toBe(at('2026-11-24T05:45:58.000Z'));
    expect(parseTime(1_795_499_158_284.7)).toBe(at('2026-11-24T05:45:58.284Z'));
  });

  it.each([
    '',
    'yesterday',
    'Order 66',
    '2026-13-01T00:00:00Z',
    '2026-02-30',
    '20261124',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    null,
    undefined,
    true,
    {},
    [],
  ])('reads %p as no time', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });
});

describe('clientTime', () => {
  it.each([
    [{ timestamp: '2024-01-01' }, '2024-01-01'],
    [{ originalTimestamp: '2024-01-02' }, '2024-01-02'],
    [{ timestamp: '2024-01-01', originalTimestamp: '2024-01-02' }, '2024-01-01'],
    [{ timestamp: 'broken', originalTimestamp: '2024-01-02' }, '2024-01-02'],
    [{ timestamp: null, originalTimestamp: '2024-01-02' }, '2024-01-02'],
    [{ timestamp: '2024-01-01', originalTimestamp: '' }, '2024-01-01'],
    [{ timestamp: 'broken' }, 'broken'],
    [{ timestamp: 0 }, 0],
    [{ timestamp: null, originalTimestamp: '' }, undefined],
    [{}, undefined],
  ])('of %j is %j', (event, expected) => {
    expect(clientTime(event)).toBe(expected);
  });
});

describe('correctedTime', () => {
  const receivedAt = at('2026-11-24T06:00:00.000Z');

  it('is the time the event is old by the device clock, before it was received', () => {
    const wrongByDays = at('2026-11-20T01:00:00.000Z');

    expect(correctedTime(wrongByDays - 30_000, wrongByDays, receivedAt)).toBe(receivedAt - 30_000);
  });

  it('corrects a clock that stands before 1970', () => {
    expect(correctedTime(-90_000, -60_000, receivedAt)).toBe(receivedAt - 30_000);
  });

  it('keeps an import of years ago where it is', () => {
    const sentAt = receivedAt - 100;

    expect(correctedTime(at('2012-12-02T00:30:08.276Z'), sentAt, receivedAt)).toBe(
      at('2012-12-02T00:30:08.376Z'),
    );
  });

  it('is the client time when nothing says when it was sent', () => {
    expect(correctedTime(receivedAt - 5_000, undefined, receivedAt)).toBe(receivedAt - 5_000);
  });

  it('is the time of receipt when the client gives none', () => {
    expect(correctedTime(undefined, receivedAt - 1, receivedAt)).toBe(receivedAt);
  });

  it.each([
    ['the clock is ahead and nothing says when it was sent', receivedAt + 86_400_000, undefined],
    ['the event is later than it was sent', receivedAt, receivedAt - 86_400_000],
    ['the result lies before 1970', 5, receivedAt * 2],
  ])('is the time of receipt when %s', (_, clientMs, sentAtMs) => {
    expect(correctedTime(clientMs, sentAtMs, receivedAt)).toBe(receivedAt);
  });

  it('is never in the future and always a time', () => {
    const anyTime = fc.option(fc.integer({ min: -8.64e15, max: 8.64e15 }), { nil: undefined });
    fc.assert(
      fc.property(anyTime, anyTime, (clientMs, sentAtMs) => {
        const corrected = correctedTime(clientMs, sentAtMs, receivedAt);
        expect(corrected).toBeGreaterThan(0);
        expect(corrected).toBeLessThanOrEqual(receivedAt);
      }),
    );
  });
});

describe('formatTime', () => {
  it('writes what toISOString writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(formatTime(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it('follows the minute that passes', () => {
    const minute = at('2026-12-31T23:59:00.000Z');

    expect([59_999, 60_000, 59_999].map((ms) => formatTime(minute + ms))).toEqual([
      '2026-12-31T23:59:59.999Z',
      '2027-01-01T00:00:00.000Z',
      '2026-12-31T23:59:59.999Z',
    ]);
  });
});
