// The measuring process of stages.bench.ts, which bundles it.

import { printResult } from './measure';
import { ratiosOf, stagesOf } from './stages';

const EVENTS = 4_000;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 40;

const stages = stagesOf(EVENTS);
ratiosOf(stages, WARM_UP_ROUNDS);
console.log(`${EVENTS} events, ${ROUNDS} rounds in turn, CPU of the quiet tenth; times as fast as the floor`);
for (const result of ratiosOf(stages, ROUNDS)) {
  console.log(`${result.name.padEnd(12)} ${result.ratio.toFixed(2)}`);
  printResult(result);
}
