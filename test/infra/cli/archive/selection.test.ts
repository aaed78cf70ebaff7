// Which hours of the archive a command is about.

import { rangeOf } from '../../../../infra/cli/archive/selection';

const NOW_MS = Date.parse('2026-11-28T12:00:00Z');

it('ends now where nothing else is said, and never later', () => {
  const range = { fromMs: NOW_MS - 7_200_000, untilMs: NOW_MS };
  expect(rangeOf({ from: '2h' }, NOW_MS)).toEqual(range);
  expect(rangeOf({ from: '2h', to: '2027-01-01T00:00:00Z' }, NOW_MS)).toEqual(range);
});

it.each([{ from: '2h', to: '3h' }, { from: '2027-01-01T00:00:00Z' }])(
  'refuses a range without an hour in it: %j',
  (options) => {
    expect(() => rangeOf(options, NOW_MS)).toThrow('--from is not before --to, or not in the past.');
  },
);
