// The pipeline second by second, for each source and for all: what came, what was delivered, what waits, what
// Customer.io answered. The last hour is kept; a long range is told in longer steps.

import type { Fate, Measure, Pipeline, PipelineQuery } from '../../console/contract';
import { Recent } from '../sandbox/recent';
import type { QueueDepth } from '../sqs-server';
import { type Journal, NO_TALLY, type Tally } from './journal';

export interface SamplerOptions {
  readonly journal: Pick<Journal, 'tallies'>;
  /** Of all messages under the empty text, and of those of each source under its name. */
  readonly queue: () => ReadonlyMap<string, QueueDepth>;
  /** Requests a second that the settings allow, by source. */
  readonly allowed: ReadonlyMap<string, number>;
  readonly clock?: () => number;
}

/** In seconds, the shortest first. */
export const RANGES = [120, 600, 3_600] as const;

const EVERY_MS = 1_000;
const KEEP_SECONDS = 3_600;
/** A plot has no room for more. */
const MAX_STEPS = 600;

type Counted = Exclude<Measure, 'authFailures' | 'functionErrors' | 'deliveredSeconds'>;
type Counts = Record<Counted, number>;

const FATE_OF: Readonly<Partial<Record<Counted, Fate | 'came'>>> = {
  came: 'came',
  refused: 'refused',
  skipped: 'skipped',
  delivered: 'delivered',
  retried: 'retried',
  deadLettered: 'dead_lettered',
};
const REQUEST_COUNTS = ['requests', 'operations', 'throttled', 'failed'] as const;
/** These are as they are at the end of a step; the others add up. */
const DEPTHS: readonly Counted[] = ['waiting', 'inFlight', 'oldestSeconds'];
const COUNTED: readonly Counted[] = [
  'came',
  'refused',
  'skipped',
  'delivered',
  'retried',
  'deadLettered',
  ...REQUEST_COUNTS,
  ...DEPTHS,
];

type RequestCounts = Record<(typeof REQUEST_COUNTS)[number], number>;
const noRequests = (): RequestCounts => ({ requests: 0, operations: 0, throttled: 0, failed: 0 });

interface Second {
  readonly at: number;
  /** By source, and of all under the empty text. */
  readonly counts: ReadonlyMap<string, Counts>;
}

const ALL = '';

export class Sampler {
  private readonly kept = new Recent<Second>(KEEP_SECONDS);
  private readonly timer: NodeJS.Timeout;
  private readonly clock: () => number;
  private requests = new Map<string, RequestCounts>();
  private before: ReadonlyMap<string, Tally> = new Map();

  constructor(private readonly options: SamplerOptions) {
    this.clock = options.clock ?? Date.now;
    this.timer = setInterval(() => this.sample(), EVERY_MS).unref();
  }

  /** @param sources of its operations, as far as they are known. */
  answered({ status, operations, sources }: AnsweredRequest): void {
    this.addRequest(ALL, status, operations);
    for (const [source, own] of Map.groupBy(sources, (name) => name)) {
      if (source !== ALL) this.addRequest(source, status, own.length);
    }
  }

  /** Takes down the second that ends now. */
  sample(): void {
    const at = this.clock();
    const tallies = withSum(this.options.journal.tallies());
    const queue = this.options.queue();
    const names = new Set([ALL, ...tallies.keys(), ...queue.keys(), ...this.requests.keys()]);
    const counts = new Map([...names].map((name) => [name, this.countsOf(name, tallies, queue, at)]));
    this.kept.add({ at, counts });
    this.before = tallies;
    this.requests = new Map();
  }

  read({ seconds, source }: Pick<PipelineQuery, 'seconds' | 'source'>): Pipeline {
    const stepSeconds = Math.max(1, Math.ceil(seconds / MAX_STEPS));
    const steps = inSteps(this.kept.oldestFirst(seconds), stepSeconds);
    const { allowed } = this.options;
    const allowedRequests =
      source === ALL ? [...allowed.values()].reduce((sum, rate) => sum + rate, 0) : allowed.get(source);
    return {
      times: steps.map((step) => step.at(-1)?.at ?? 0),
      stepSeconds,
      measured: Object.fromEntries(
        COUNTED.map((measure) => [measure, steps.map((step) => valueIn(step, measure, source))]),
      ),
      ...(allowedRequests !== undefined && { allowedRequests }),
      sources: [...new Set([...allowed.keys(), ...this.options.journal.tallies().keys()])].filter(
        (name) => name !== ALL,
      ),
      problems: [],
    };
  }

  close(): void {
    clearInterval(this.timer);
  }

  private addRequest(source: string, status: number, operations: number): void {
    const counts = this.requests.get(source) ?? noRequests();
    counts.requests += 1;
    counts.operations += operations;
    if (status === 429) counts.throttled += 1;
    else if (status < 200 || status > 299) counts.failed += 1;
    this.requests.set(source, counts);
  }

  private countsOf(
    name: string,
    tallies: ReadonlyMap<string, Tally>,
    queue: ReadonlyMap<string, QueueDepth>,
    at: number,
  ): Counts {
    const [now, before] = [tallies.get(name), this.before.get(name)];
    const since = (measure: Counted): number => {
      const what = FATE_OF[measure];
      return what === undefined ? 0 : (now?.[what] ?? 0) - (before?.[what] ?? 0);
    };
    const { waiting = 0, inFlight = 0, oldestAt = at } = queue.get(name) ?? {};
    return {
      came: since('came'),
      refused: since('refused'),
      skipped: since('skipped'),
      delivered: since('delivered'),
      retried: since('retried'),
      deadLettered: since('deadLettered'),
      ...(this.requests.get(name) ?? noRequests()),
      waiting,
      inFlight,
      oldestSeconds: Math.max(0, Math.round((at - oldestAt) / 1_000)),
    };
  }
}

export interface AnsweredRequest {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly operations: number;
  readonly sources: readonly string[];
}

/** With that of all of them under the empty text, which alone is that of events without a source. */
const withSum = (tallies: ReadonlyMap<string, Tally>): ReadonlyMap<string, Tally> => {
  const sum: Record<string, number> = {};
  for (const tally of tallies.values()) {
    for (const [what, count] of Object.entries(tally)) sum[what] = (sum[what] ?? 0) + count;
  }
  const copies = [...tallies].map(([name, tally]): [string, Tally] => [name, { ...tally }]);
  return new Map([...copies, [ALL, { ...NO_TALLY, ...sum }]]);
};

/** Steps end at whole multiples of their length, so that a point does not change when time goes on. */
const inSteps = (seconds: readonly Second[], stepSeconds: number): readonly (readonly Second[])[] => [
  ...Map.groupBy(seconds, ({ at }) => Math.ceil(at / 1_000 / stepSeconds)).values(),
];

const valueIn = (step: readonly Second[], measure: Counted, source: string): number => {
  if (DEPTHS.includes(measure)) return step.at(-1)?.counts.get(source)?.[measure] ?? 0;
  return step.reduce((sum, { counts }) => sum + (counts.get(source)?.[measure] ?? 0), 0);
};
