// `relay cost`: what a month costs with the traffic that is given, part by part. Without any, the table of
// docs/operations.md. It asks nobody: prices and assumptions stand in infra/cost.

import { type Command, Option } from 'commander';
import { monthlyCost, type Traffic, total } from '../cost/model';
import prices from '../cost/prices.json';
import { costTable, DEFAULT_TRAFFIC, dollars } from '../cost/table';
import { usageFailure } from './failure';
import type { Io } from './io';
import { describeCommand, optionsOf } from './words';

interface CostOptions {
  readonly eventsPerMonth?: string;
  readonly perRequest?: string;
  readonly eventBytes?: string;
  readonly sources?: string;
  readonly batchSize?: string;
  readonly batchingWindow?: string;
  readonly memory?: string;
  readonly sourceMetrics: boolean;
  readonly door?: 'api' | 'url';
  readonly archive?: 'outcomes' | 'events';
  readonly json?: boolean;
}

export const addCost = (program: Command, io: Io): void => {
  describeCommand(program.command('cost'), {
    summary: 'what a month costs on AWS, from your traffic',
    description:
      'Computes a month of list prices from the traffic and the parameters of a stage. Without any option it prints the table of docs/operations.md.',
    examples: [
      'relay cost --events-per-month 1e6 --per-request 1',
      'relay cost --sources 40 --no-source-metrics',
    ],
  })
    .option('--events-per-month <n>', 'how many events come, like 1e6')
    .option('--per-request <n>', 'how many of them a sender puts into one request')
    .option('--event-bytes <n>', 'how large one is')
    .option('--sources <n>', 'how many sources there are')
    .option('--batch-size <n>', 'batchSize of the stage')
    .option('--batching-window <seconds>', 'batchingWindowSeconds of the stage')
    .option('--memory <MB>', 'memorySize of the stage')
    .option('--no-source-metrics', 'sourceMetrics of the stage is off')
    .addOption(new Option('--door <which>', 'door of the stage').choices(['api', 'url']))
    .addOption(new Option('--archive <what>', 'what the sources archive').choices(['outcomes', 'events']))
    .action((_, command: Command) => cost(optionsOf<CostOptions>(command), command, io));
};

const cost = (options: CostOptions, command: Command, io: Io): void => {
  const isAsked = command.options.some(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  io.out(isAsked || options.json ? bill(trafficOf(options), options) : costTable(prices));
};

const bill = (traffic: Traffic, { json }: CostOptions): string => {
  const items = monthlyCost(traffic, prices);
  if (json) return JSON.stringify({ items, dollars: total(items), asOf: prices.asOf });
  const lines = [...items, { part: 'together', dollars: total(items) }].map(
    ({ part, dollars: amount }) => `${part.padEnd(26)}${dollars(amount).padStart(12)}`,
  );
  return [...lines, `List prices of ${prices.region}, ${prices.asOf}, without the free tier.`].join('\n');
};

const trafficOf = (options: CostOptions): Traffic => ({
  eventsPerMonth: numberOf('--events-per-month', options.eventsPerMonth, DEFAULT_TRAFFIC.eventsPerMonth),
  perRequest: numberOf('--per-request', options.perRequest, DEFAULT_TRAFFIC.perRequest),
  eventBytes: numberOf('--event-bytes', options.eventBytes, DEFAULT_TRAFFIC.eventBytes),
  sources: numberOf('--sources', options.sources, DEFAULT_TRAFFIC.sources),
  batchSize: numberOf('--batch-size', options.batchSize, DEFAULT_TRAFFIC.batchSize),
  batchingWindowSeconds: numberOf(
    '--batching-window',
    options.batchingWindow,
    DEFAULT_TRAFFIC.batchingWindowSeconds,
    0,
  ),
  memorySizeMegabytes: numberOf('--memory', options.memory, DEFAULT_TRAFFIC.memorySizeMegabytes),
  sourceMetrics: options.sourceMetrics,
  door: options.door,
  archive: options.archive,
});

/** @throws Failure for what is no number, or less than `least`. */
const numberOf = (option: string, text: string | undefined, otherwise: number, least = 1): number => {
  if (text === undefined) return otherwise;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value < Infinity) return value;
  throw usageFailure(`${option} is "${text}".`, `Give a number of at least ${least}, like 1e6.`);
};
