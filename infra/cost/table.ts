// The table of docs/operations.md, from the model.

import { type CostItem, monthlyCost, type Prices, type Traffic, total } from './model';

export const DEFAULT_TRAFFIC: Traffic = {
  eventsPerMonth: 1_000_000,
  perRequest: 1,
  eventBytes: 1_000,
  sources: 1,
  batchSize: 1_000,
  batchingWindowSeconds: 1,
  memorySizeMegabytes: 512,
  sourceMetrics: true,
};

/** A column each; how batches of senders and of Lambda change what the same events cost. */
const COLUMNS: readonly (readonly [title: string, traffic: Traffic])[] = [
  ['1M, one a request', DEFAULT_TRAFFIC],
  ['1M, 20 a request', { ...DEFAULT_TRAFFIC, perRequest: 20 }],
  ['1M, one a request, window 20 s', { ...DEFAULT_TRAFFIC, batchingWindowSeconds: 20 }],
  ['100M, one a request', { ...DEFAULT_TRAFFIC, eventsPerMonth: 100_000_000 }],
  ['100M, 20 a request', { ...DEFAULT_TRAFFIC, eventsPerMonth: 100_000_000, perRequest: 20 }],
];

export const costTable = (prices: Prices): string => {
  const costs = COLUMNS.map(([, traffic]) => monthlyCost(traffic, prices));
  const parts = costs[0]?.map(({ part }) => part) ?? [];
  const rows = [
    ['events a month', ...COLUMNS.map(([title]) => title)],
    ['---', ...COLUMNS.map(() => '---')],
    ...parts.map((part) => [part, ...costs.map((items) => dollars(ofPart(items, part)))]),
    ['**together**', ...costs.map((items) => `**${dollars(total(items))}**`)],
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

const ofPart = (items: readonly CostItem[], wanted: string): number =>
  items.find(({ part }) => part === wanted)?.dollars ?? 0;

export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
