import { minuteTally, type Sum, tellSums } from '../../../lib/http/minute-tally';

const NOW = new Date('2026-11-24T06:00:00.000Z');

const told: [string, number][][] = [];
const tallyOfNow = () => {
  told.length = 0;
  return minuteTally<{ code: string }>((sums: readonly Sum<{ code: string }>[]) => {
    told.push(sums.map(({ label, count }) => [label.code, count]));
  });
};

const wait = (seconds: number): void => {
  jest.setSystemTime(Date.now() + seconds * 1_000);
};

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => jest.useRealTimers());

it('The first of a quiet time is told at once, those of its minute together after it', () => {
  const tally = tallyOfNow();

  tally.add({ code: 'a' }, 1);
  tally.add({ code: 'a' }, 1);
  tally.add({ code: 'b' }, 3);
  wait(59);
  tally.add({ code: 'a' }, 1);
  wait(1);
  tally.add({ code: 'b' }, 1);

  expect(told).toEqual([
    [['a', 1]],
    [
      ['a', 2],
      ['b', 4],
    ],
  ]);
});

it('What waits is told by any request after its minute, and nothing is told twice', () => {
  const tally = tallyOfNow();
  tally.add({ code: 'a' }, 1);
  tally.add({ code: 'a' }, 5);

  tellSums();
  wait(60);
  tellSums();
  wait(60);
  tellSums();

  expect(told).toEqual([[['a', 1]], [['a', 5]]]);
});

it('Whatever comes, and however much of it, is told once a minute, and all of it', () => {
  const tally = tallyOfNow();

  for (let second = 0; second < 600; second += 1) {
    for (let request = 0; request < 10; request += 1) tally.add({ code: 'a' }, 1);
    wait(1);
  }
  tellSums();

  expect(told).toHaveLength(11);
  expect(told.flat().reduce((sum, [, count]) => sum + count, 0)).toBe(6_000);
});

it('A clock that is set back silences nothing', () => {
  const tally = tallyOfNow();
  tally.add({ code: 'a' }, 1);

  wait(-3_600);
  tally.add({ code: 'a' }, 1);

  expect(told).toHaveLength(2);
});
