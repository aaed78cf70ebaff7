import { peakWithin, shortestRun } from './windows';

it('finds the most moments within a window that begins anywhere', () => {
  expect(peakWithin([0, 900, 950, 1_850, 1_899], 1_000)).toBe(4);
});

it('leaves out the moment at which a window ends', () => {
  expect(peakWithin([0, 1_000], 1_000)).toBe(1);
  expect(peakWithin([0, 999], 1_000)).toBe(2);
});

it('does not need them in order', () => {
  expect(peakWithin([500, 2_000, 0], 1_000)).toBe(2);
  expect(peakWithin([], 1_000)).toBe(0);
});

it('finds the shortest time in which so many follow one', () => {
  expect(shortestRun([0, 300, 400, 1_000], 2)).toBe(400);
  expect(shortestRun([0, 300], 2)).toBe(Infinity);
});
