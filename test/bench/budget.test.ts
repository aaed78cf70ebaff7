// The gate of the benches: it must fail on a step that has become slower, and on nothing else.

import { type Budget, describeVerdict, judge } from './budget';
import type { Result } from './measure';
import { quiet, resultsIn, withoutResults } from './measure';
import { ratiosOf, type Stages, stagesOf } from './stages';

const EVENTS = 400;
const ROUNDS = 10;

const tryThrice = (stages: Stages): Result[][] => Array.from({ length: 3 }, () => ratiosOf(stages, ROUNDS));

/** What a real run measures, as the budget of the next. */
const budgetOf = (results: readonly Result[]): Budget =>
  Object.fromEntries(results.map(({ name, ratio }) => [name, ratio]));

const slow = (stages: Stages, name: string, times: number): Stages => ({
  ...stages,
  [name]: () => Array.from({ length: times }, () => stages[name]?.()),
});

describe('the budget of the benches', () => {
  it('fails on a stage that does its work three times, in each of three tries, and names it alone', () => {
    const stages = stagesOf(EVENTS);
    ratiosOf(stages, ROUNDS);
    const budget = budgetOf(ratiosOf(stages, ROUNDS));
    const verdicts = judge(tryThrice(slow(stages, 'translate', 3)), { translate: budget['translate'] ?? 0 });
    expect(verdicts).toMatchObject([{ name: 'translate', isOk: false }]);
  });

  it('takes the best of the tries, so that one that was disturbed fails nothing', () => {
    const tries = [[{ name: 'a', ratio: 0.1 }], [{ name: 'a', ratio: 0.81 }], [{ name: 'a', ratio: 0.2 }]];
    expect(judge(tries, { a: 1 })).toEqual([{ name: 'a', best: 0.81, budget: 1, isOk: true }]);
  });

  it('fails a fifth below, and a line of the budget that nothing was measured for', () => {
    const verdicts = judge([[{ name: 'a', ratio: 0.79 }]], { a: 1, gone: 1 });
    expect(verdicts.map(({ isOk }) => isOk)).toEqual([false, false]);
    expect(verdicts.map(describeVerdict)).toEqual([
      expect.stringMatching(/^a .* 0\.79 .*budget 1\.00 .*BELOW by more than 20 %$/),
      expect.stringMatching(/^gone .*not measured .*BELOW/),
    ]);
  });

  it('reads the results of a bench from its output, and leaves the rest for people', () => {
    const output = 'one event: 7 µs\nRESULT {"name":"a","ratio":0.5}\n';
    expect(resultsIn(output)).toEqual([{ name: 'a', ratio: 0.5 }]);
    expect(withoutResults(output)).toBe('one event: 7 µs\n');
  });

  it('counts by the tenth that was disturbed least', () => {
    expect(quiet([9, 1, 2, 3, 4, 5, 6, 7, 8, 10])).toBe(2);
  });
});
