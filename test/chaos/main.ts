// `npm run chaos`: the whole proof of the delivery engine, with its figures. It ends with 1 when anything was
// lost, doubled, dead-lettered for a wrong reason or faster than its rate. `-- --help` lists what can be set.

import { parseArgs } from 'node:util';
import { failures, runChaos } from './chaos';
import { chaosFigures, freezeFigures, rateFigures } from './figures';
import { freezeFailures, runFreeze } from './freeze';
import { fullFreezePlan, fullPlan, fullRatePlan } from './plans';
import { excesses, LEAST_USED, runRate } from './rate';

const HELP = `Usage: npm run chaos -- [options]

  --seed <number>       the workload and the moments of chance; printed, so that a run can be repeated
  --events <number>     default 100000
  --people <number>     default 2000
  --kills <number>      how often a consumer is killed; default 24
  --consumers <number>  processes that consume at once; default 4
  --only <part>         chaos, freeze or rate; default all
  --help`;

const MAX_SEED = 1_000_000;
const MAX_PRINTED_FAILURES = 20;
const MAX_PRINTED_CHARACTERS = 1_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    events: { type: 'string' },
    people: { type: 'string' },
    kills: { type: 'string' },
    consumers: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});

type NumericOption = 'seed' | 'events' | 'people' | 'kills' | 'consumers';

const numberOption = (name: NumericOption, byDefault: number): number => {
  const value = values[name];
  if (value === undefined) return byDefault;
  if (/^\d+$/.test(value)) return Number(value);
  throw new Error(`--${name} must be a whole number.`);
};

/** Each answers what is not as it should be. */
const PARTS = {
  chaos: async () => {
    const plan = fullPlan(numberOption('seed', Math.floor(Math.random() * MAX_SEED)));
    console.log(`\nChaos, seed ${plan.seed}`);
    const report = await runChaos({
      ...plan,
      events: numberOption('events', plan.events),
      people: numberOption('people', plan.people),
      kills: numberOption('kills', plan.kills),
      consumers: numberOption('consumers', plan.consumers),
    });
    console.log(chaosFigures(report));
    return failures(report);
  },
  freeze: async () => {
    console.log('\nFreeze and thaw');
    const report = await runFreeze(fullFreezePlan);
    console.log(freezeFigures(report));
    return freezeFailures(report);
  },
  rate: async () => {
    console.log('\nRate of several consumers');
    const report = await runRate(fullRatePlan);
    console.log(rateFigures(report));
    const used = report.used < LEAST_USED ? [`Less than ${100 * LEAST_USED} % of the rate was used.`] : [];
    return [...excesses(report), ...used];
  },
} as const;

const isPart = (name: string): name is keyof typeof PARTS => name in PARTS;

const chosenParts = (): readonly (keyof typeof PARTS)[] => {
  const { only } = values;
  if (only === undefined) return ['rate', 'freeze', 'chaos'];
  if (isPart(only)) return [only];
  throw new Error(`--only must be one of ${Object.keys(PARTS).join(', ')}.`);
};

const main = async (): Promise<void> => {
  if (values.help) return console.log(HELP);
  const found: string[] = [];
  for (const part of chosenParts()) found.push(...(await PARTS[part]()));
  console.log(found.length === 0 ? '\nEverything holds.' : `\n${found.length} things do not hold:`);
  for (const failure of found.slice(0, MAX_PRINTED_FAILURES)) {
    console.log(`- ${failure.slice(0, MAX_PRINTED_CHARACTERS)}`);
  }
  if (found.length > 0) process.exitCode = 1;
};

// An `exit` lets the temporary files go; the consumers end when their parent does.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
