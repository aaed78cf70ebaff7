// What is written is what the platform would write, only faster; seconds are rounded down.

import fc from 'fast-check';
import { formatTime, toUnixSeconds } from '../../../lib/event/format-time';

describe('formatTime', () => {
  it('writes what toISOString writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(formatTime(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it('follows the minute that passes', () => {
    const minute = Date.parse('2026-12-31T23:59:00.000Z');

    expect([59_999, 60_000, 59_999].map((ms) => formatTime(minute + ms))).toEqual([
      '2026-12-31T23:59:59.999Z',
      '2027-01-01T00:00:00.000Z',
      '2026-12-31T23:59:59.999Z',
    ]);
  });
});

describe('toUnixSeconds', () => {
  it('rounds down, before 1970 too', () => {
    expect([1_999, 0, -1].map(toUnixSeconds)).toEqual([1, 0, -1]);
  });
});
