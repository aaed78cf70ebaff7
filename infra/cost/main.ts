// `npm run cost -- --events-per-month 1e6 --per-request 1`: what a month with that traffic costs, part by part.
// Without traffic: the table of docs/operations.md.

import { parseArgs } from 'node:util';
import { monthlyCost, type Prices, type Traffic, total } from './model';
import prices from './prices.json';
import { costTable, DEFAULT_TRAFFIC, dollars } from './table';

const OPTIONS = {
  'events-per-month': { type: 'string' },
  'per-request': { type: 'string' },
  'event-bytes': { type: 'string' },
  sources: { type: 'string' },
  'batch-size': { type: 'string' },
  'batching-window': { type: 'string' },
  memory: { type: 'string' },
  'no-source-metrics': { type: 'boolean' },
  archive: { type: 'string' },
} as const;

type Name = Exclude<keyof typeof OPTIONS, 'no-source-metrics' | 'archive'>;

/** Undefined where nothing was asked for. @throws Error for what is no number, or an option that does not exist. */
const askedFor = (): Traffic | undefined => {
  const { values } = parseArgs({ options: OPTIONS });
  if (Object.keys(values).length === 0) return undefined;
  const number = (name: Name, otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (value >= 1 || (name === 'batching-window' && value === 0)) return value;
    throw new Error(`--${name} must be a number of at least 1, like 1e6.`);
  };
  return {
    eventsPerMonth: number('events-per-month', DEFAULT_TRAFFIC.eventsPerMonth),
    perRequest: number('per-request', DEFAULT_TRAFFIC.perRequest),
    eventBytes: number('event-bytes', DEFAULT_TRAFFIC.eventBytes),
    sources: number('sources', DEFAULT_TRAFFIC.sources),
    batchSize: number('batch-size', DEFAULT_TRAFFIC.batchSize),
    batchingWindowSeconds: number('batching-window', DEFAULT_TRAFFIC.batchingWindowSeconds),
    memorySizeMegabytes: number('memory', DEFAULT_TRAFFIC.memorySizeMegabytes),
    sourceMetrics: values['no-source-metrics'] !== true,
    archive: archiveOf(values.archive),
  };
};

const archiveOf = (asked: string | undefined): Traffic['archive'] => {
  if (asked === undefined || asked === 'outcomes' || asked === 'events') return asked;
  throw new Error('--archive must be `outcomes` or `events`.');
};

const bill = (traffic: Traffic, list: Prices): string => {
  const items = monthlyCost(traffic, list);
  const lines = [...items, { part: 'together', dollars: total(items) }].map(
    ({ part, dollars: amount }) => `${part.padEnd(26)}${dollars(amount).padStart(12)}`,
  );
  return [...lines, `List prices of ${list.region}, ${list.asOf}, without the free tier.`].join('\n');
};

const main = (): void => {
  const traffic = askedFor();
  console.log(traffic === undefined ? costTable(prices) : bill(traffic, prices));
};

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
