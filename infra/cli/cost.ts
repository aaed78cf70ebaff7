// `relay cost`: what a month costs with the traffic that is given, part by part. Without any, what the table
// of docs/operations.md has. It asks nobody: prices and assumptions stand in infra/cost.

import { type Command, Option } from 'commander';
import { MAX_EVENT_BYTES } from '../../lib/event/segment-limits';
import { MAX_BATCH_EVENTS } from '../../lib/ingest/request-limits';
import { monthlyCost, type Traffic, total } from '../cost/model';
import prices from '../cost/prices.json';
import { basisOf, costOverview, DEFAULT_TRAFFIC, dollars, inColumns } from '../cost/table';
import { BOUNDS, MAX_BATCH_WITHOUT_WINDOW } from '../deploy/stage-parameters';
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
      'Computes a month of list prices from the traffic and the parameters of a stage. Without any option it prints what the table of docs/operations.md has.',
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
  io.out(isAsked || options.json ? bill(trafficOf(options), options) : costOverview(prices));
};

const bill = (traffic: Traffic, { json }: CostOptions): string => {
  const items = monthlyCost(traffic, prices);
  if (json) return JSON.stringify({ items, dollars: total(items), asOf: prices.asOf });
  const rows = [...items, { part: 'together', dollars: total(items) }];
  return [
    ...rows.map(({ part, dollars: amount }) => inColumns([part, dollars(amount)])),
    basisOf(prices),
  ].join('\n');
};

const trafficOf = (options: CostOptions): Traffic => {
  const { eventsPerMonth, perRequest, eventBytes, sources, batchSize, batchingWindow, memory } = options;
  const traffic = {
    eventsPerMonth: numberOf('--events-per-month', eventsPerMonth, DEFAULT_TRAFFIC.eventsPerMonth),
    perRequest: numberOf('--per-request', perRequest, DEFAULT_TRAFFIC.perRequest, [1, MAX_BATCH_EVENTS]),
    eventBytes: numberOf('--event-bytes', eventBytes, DEFAULT_TRAFFIC.eventBytes, [1, MAX_EVENT_BYTES]),
    sources: numberOf('--sources', sources, DEFAULT_TRAFFIC.sources),
    batchSize: numberOf('--batch-size', batchSize, DEFAULT_TRAFFIC.batchSize, BOUNDS.batchSize),
    batchingWindowSeconds: numberOf(
      '--batching-window',
      batchingWindow,
      DEFAULT_TRAFFIC.batchingWindowSeconds,
      BOUNDS.batchingWindowSeconds,
    ),
    memorySizeMegabytes: numberOf('--memory', memory, DEFAULT_TRAFFIC.memorySizeMegabytes, BOUNDS.memorySize),
    sourceMetrics: options.sourceMetrics,
    door: options.door,
    archive: options.archive,
  };
  if (traffic.batchingWindowSeconds === 0 && traffic.batchSize > MAX_BATCH_WITHOUT_WINDOW)
    throw usageFailure(
      `--batching-window is 0, and --batch-size is ${traffic.batchSize}.`,
      `Above ${MAX_BATCH_WITHOUT_WINDOW} Lambda waits for a second at least: give --batch-size ${MAX_BATCH_WITHOUT_WINDOW}, or another window.`,
    );
  return traffic;
};

/** @throws Failure for what is no number, or outside of `range`. */
const numberOf = (
  option: string,
  text: string | undefined,
  otherwise: number,
  range?: readonly [least: number, most: number],
): number => {
  if (text === undefined) return otherwise;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const [least, most] = range ?? [1, Number.MAX_VALUE];
  if (value >= least && value <= most) return value;
  const right = range === undefined ? 'of at least 1, like 1e6' : `from ${least} to ${most}`;
  throw usageFailure(`${option} is "${text}".`, `Give a number ${right}.`);
};
