import { clock, dateTime, utc, zone } from '../../../../infra/console/page/format';

const AT = Date.UTC(2026, 2, 1, 10, 0, 5, 678);

it('A time names its zone, and is in UTC to the second as the command line has it', () => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const named = new Intl.DateTimeFormat(undefined, { timeZone, timeZoneName: 'short' }).format(AT);

  expect(zone(AT)).not.toBe('');
  expect(named).toContain(zone(AT));
  expect(dateTime(AT)).toContain(zone(AT));
  expect(utc(AT)).toBe('2026-03-01T10:00:05Z');
});

it('Half past midnight is 00:30, as the search has it, and a date has its time in the same hours', () => {
  const halfPast = new Date(2026, 2, 1, 0, 30, 5).getTime();

  expect(clock(halfPast)).toBe('00:30:05');
  expect(dateTime(halfPast)).toContain(clock(halfPast));
  expect(dateTime(new Date(2026, 2, 1, 13, 30, 5).getTime())).toContain('13:30:05');
});
