import { dateTime, utc, zone } from '../../../../infra/console/page/format';

const AT = Date.UTC(2026, 2, 1, 10, 0, 5, 678);

it('A time names its zone, and is in UTC to the second as the command line has it', () => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const named = new Intl.DateTimeFormat(undefined, { timeZone, timeZoneName: 'short' }).format(AT);

  expect(zone(AT)).not.toBe('');
  expect(named).toContain(zone(AT));
  expect(dateTime(AT)).toContain(zone(AT));
  expect(utc(AT)).toBe('2026-03-01T10:00:05Z');
});
