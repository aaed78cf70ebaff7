// What came in a range of time, and what became of it, in numbers and percents: where there are no events to count.

import type { Fate, Measure, Pipeline } from '../contract';
import { count, percent } from './format';
import { hrefOf } from './route';

const STEPS: readonly (readonly [measure: Measure, fate: Fate, word: string])[] = [
  ['refused', 'refused', 'requests refused'],
  ['skipped', 'skipped', 'skipped'],
  ['delivered', 'delivered', 'delivered'],
  ['retried', 'retried', 'put back'],
  ['deadLettered', 'dead_lettered', 'dead-lettered'],
];

export const Totals = ({ pipeline: { measured, now } }: { readonly pipeline: Pipeline }) => {
  const totalOf = (measure: Measure): number | undefined =>
    measured[measure]?.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const came = totalOf('came');
  return (
    <ul class="counts">
      {came !== undefined && <Total word="received" number={came} whole={0} />}
      {STEPS.map(([measure, fate, word]) => {
        const number = totalOf(measure);
        if (number === undefined) return null;
        // A refused request is none of those that were received, and a retry comes once for each time.
        const whole = fate === 'refused' || fate === 'retried' ? 0 : (came ?? 0);
        return <Total key={fate} word={word} fate={fate} number={number} whole={whole} />;
      })}
      {now !== undefined && (
        <li class="fate-dead_lettered">
          <a href={hrefOf('dead-letters')}>
            <b>{count(now.deadLetters)}</b>
            <span>dead letters wait now</span>
          </a>
        </li>
      )}
    </ul>
  );
};

interface TotalProps {
  readonly word: string;
  readonly fate?: Fate;
  readonly number: number;
  readonly whole: number;
}

const Total = ({ word, fate, number, whole }: TotalProps) => (
  <li class={fate === undefined ? '' : `fate-${fate}`}>
    <div>
      <b>{count(number)}</b>
      <span>{word}</span> <small>{percent(number, whole)}</small>
    </div>
  </li>
);
