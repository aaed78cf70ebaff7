// The table of docs/operations.md, from the model, for that page and for a terminal.

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

const costsOf = (prices: Prices): readonly (readonly CostItem[])[] =>
  COLUMNS.map(([, traffic]) => monthlyCost(traffic, prices));

const partsOf = (costs: readonly (readonly CostItem[])[]): readonly string[] =>
  costs[0]?.map(({ part }) => part) ?? [];

/** In Markdown. */
export const costTable = (prices: Prices): string => {
  const costs = costsOf(prices);
  const rows = [
    ['events a month', ...COLUMNS.map(([title]) => title)],
    ['---', ...COLUMNS.map(() => '---')],
    ...partsOf(costs).map((part) => [part, ...costs.map((items) => dollars(ofPart(items, part)))]),
    ['**together**', ...costs.map((items) => `**${dollars(total(items))}**`)],
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

/** For a terminal of 80 columns, which the titles of the page do not fit: each says a fact in a line of its own. */
export const costOverview = (prices: Prices): string => {
  const costs = costsOf(prices);
  const facts = FACTS.map(([name, tell]) => [name, ...COLUMNS.map(([, traffic]) => tell(traffic))]);
  const rows = [
    ...partsOf(costs).map((part) => [part, ...costs.map((items) => dollars(ofPart(items, part)))]),
    ['together', ...costs.map((items) => dollars(total(items)))],
  ];
  return [...facts.map(inColumns), '', ...rows.map(inColumns), basisOf(prices)].join('\n');
};

/** What the columns differ in. */
const FACTS: readonly (readonly [name: string, tell: (traffic: Traffic) => string])[] = [
  ['events a month', ({ eventsPerMonth }) => `${eventsPerMonth / 1e6}M`],
  ['events a request', ({ perRequest }) => String(perRequest)],
  ['batching window', ({ batchingWindowSeconds }) => `${batchingWindowSeconds} s`],
];

const NAME_WIDTH = 25;
const AMOUNT_WIDTH = 10;

/** A name, and amounts below each other. */
export const inColumns = ([name = '', ...amounts]: readonly string[]): string =>
  name.padEnd(NAME_WIDTH) + amounts.map((amount) => amount.padStart(AMOUNT_WIDTH)).join('');

export const basisOf = ({ region, asOf }: Prices): string =>
  `List prices of ${region}, ${asOf}, without the free tier.`;

const ofPart = (items: readonly CostItem[], wanted: string): number =>
  items.find(({ part }) => part === wanted)?.dollars ?? 0;

export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
