// Holds the ratios of a bench against the budget. A ratio more than a fifth below its budget is a slowdown and no noise:
// the best of several tries is what the code can do.

import type { Result } from './measure';

/** How far below its budget the best try may lie. */
export const TOLERANCE = 0.2;

export type Budget = Readonly<Record<string, number>>;

export interface Verdict {
  readonly name: string;
  /** The best of the tries; undefined where no try has it. */
  readonly best: number | undefined;
  readonly budget: number;
  readonly isOk: boolean;
}

/** One verdict for each line of the budget. What is measured and not in it is not judged. */
export const judge = (tries: readonly (readonly Result[])[], budget: Budget): Verdict[] =>
  Object.entries(budget).map(([name, expected]) => {
    const ratios = tries.flat().flatMap((result) => (result.name === name ? [result.ratio] : []));
    const best = ratios.length === 0 ? undefined : Math.max(...ratios);
    return { name, best, budget: expected, isOk: best !== undefined && best >= expected * (1 - TOLERANCE) };
  });

export const describeVerdict = ({ name, best, budget, isOk }: Verdict): string => {
  const measured = best === undefined ? 'not measured' : best.toFixed(2);
  const verdict = isOk ? 'ok' : `BELOW by more than ${TOLERANCE * 100} %`;
  return `${name.padEnd(26)} ${measured.padStart(12)}   budget ${budget.toFixed(2)}   ${verdict}`;
};
