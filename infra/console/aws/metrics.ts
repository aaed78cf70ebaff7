// The numbers of one stage as CloudWatch has them. What is asked for is what the functions count (METRICS in
// lib/observability.ts), by the dimensions that they have; a count that is missing is a zero, a depth is unknown.

import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  ListMetricsCommand,
  type Metric,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { MetricName } from '../../../lib/observability';
import type { Cause, Fate, Measure, PipelineQuery } from '../contract';

/** One of the two ways of a stage, by the names that serverless.yml gives. */
export interface StageWay {
  /** Where its events go. */
  readonly name: string;
  readonly namespace: string;
  readonly queueName: string;
  readonly functionNames: readonly string[];
}

export interface StageNumbers {
  readonly times: readonly number[];
  readonly stepSeconds: number;
  readonly measured: Readonly<Record<string, readonly (number | null)[]>>;
  readonly sources: readonly string[];
  readonly causes: readonly Cause[];
  readonly problems: readonly string[];
}

/** In seconds. CloudWatch keeps single minutes for 15 days. */
export const RANGES = [3_600, 3 * 3_600, 12 * 3_600, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400] as const;

/** So that a plot has some three hundred points at most. */
const stepOf = (seconds: number): number =>
  [60, 300, 900, 3_600].find((step) => seconds / step <= 300) ?? 3_600;

interface Wanted {
  readonly measure: Measure | 'cause';
  readonly metric: Metric;
  readonly stat: 'Sum' | 'Maximum' | 'p95';
  readonly cause?: Omit<Cause, 'count'>;
}

type Dimensions = Readonly<Record<string, string>>;

const metricOf = (namespace: string, name: string, dimensions: Dimensions = {}): Metric => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

const COUNTS: readonly (readonly [Measure, MetricName])[] = [
  ['came', 'EventsReceived'],
  ['skipped', 'EventsSkipped'],
  ['delivered', 'EventsDelivered'],
  ['retried', 'EventsRetried'],
  ['deadLettered', 'EventsDeadLettered'],
  ['requests', 'Requests'],
  ['throttled', 'RequestsThrottled'],
  ['failed', 'RequestsFailed'],
  ['authFailures', 'AuthFailures'],
];
const AGES: readonly MetricName[] = ['EventAgeSeconds', 'RetriedEventAgeSeconds'];

/** Measures that are 0 in a step of which CloudWatch has nothing; the others are unknown there. */
const isCount = (measure: Measure | 'cause'): boolean =>
  !['waiting', 'inFlight', 'oldestSeconds', 'deliveredSeconds'].includes(measure);

const wantedFor = ({ namespace, queueName, functionNames }: StageWay, source: string): Wanted[] => {
  const dimensions: Dimensions = source === '' ? {} : { source };
  const own = [
    ...COUNTS.map(([measure, name]) => sum(measure, metricOf(namespace, name, dimensions))),
    ...AGES.map((name) => most('oldestSeconds', metricOf(namespace, name, dimensions))),
    nearlyAll('deliveredSeconds', metricOf(namespace, 'EventAgeSeconds', dimensions)),
  ];
  if (source !== '') return own;
  const ofQueue = (name: string): Metric => metricOf('AWS/SQS', name, { QueueName: queueName });
  return [
    ...own,
    sum('refused', metricOf(namespace, 'RequestsRefused')),
    sum('functionErrors', metricOf(namespace, 'InvocationsFailed')),
    ...functionNames.map((name) =>
      sum('functionErrors', metricOf('AWS/Lambda', 'Errors', { FunctionName: name })),
    ),
    most('waiting', ofQueue('ApproximateNumberOfMessagesVisible')),
    most('waiting', ofQueue('ApproximateNumberOfMessagesDelayed')),
    most('inFlight', ofQueue('ApproximateNumberOfMessagesNotVisible')),
    most('oldestSeconds', ofQueue('ApproximateAgeOfOldestMessage')),
  ];
};

const sum = (measure: Measure, metric: Metric): Wanted => ({ measure, metric, stat: 'Sum' });
const most = (measure: Measure, metric: Metric): Wanted => ({ measure, metric, stat: 'Maximum' });
const nearlyAll = (measure: Measure, metric: Metric): Wanted => ({ measure, metric, stat: 'p95' });

const dimensionsOf = ({ Dimensions: dimensions = [] }: Metric): Dimensions =>
  Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));

const FATE_OF: Readonly<Record<string, Fate>> = {
  EventsSkipped: 'skipped',
  EventsDeadLettered: 'dead_lettered',
  RequestsRefused: 'refused',
};

/** More would cost more than they tell. */
const MAX_CAUSES = 150;

/** Every code and reason that the stage has counted. Refusals of one that has no key are of no source. */
const causesAmong = (metrics: readonly Metric[], source: string): Wanted[] =>
  metrics
    .flatMap((metric): Wanted[] => {
      const fate = FATE_OF[metric.MetricName ?? ''];
      const { source: of = '', reason, code = reason } = dimensionsOf(metric);
      const isMeant = fate === 'refused' && source === '' ? of === '' : source === '' || of === source;
      if (fate === undefined || code === undefined || !isMeant) return [];
      return [{ measure: 'cause', metric, stat: 'Sum', cause: { fate, code, source: of } }];
    })
    .slice(0, MAX_CAUSES);

/** Requests refused of one source are counted by their code alone. */
const refusedOf = (source: string, causes: readonly Wanted[]): Wanted[] =>
  source === ''
    ? []
    : causes.flatMap(({ metric, cause }) => (cause?.fate === 'refused' ? [sum('refused', metric)] : []));

export const readNumbers = async (
  client: CloudWatchClient,
  way: StageWay,
  { seconds, source }: Pick<PipelineQuery, 'seconds' | 'source'>,
  nowMs: number,
): Promise<StageNumbers> => {
  const known = await listMetrics(client, way.namespace);
  const causes = causesAmong(known, source);
  const wanted = [...wantedFor(way, source), ...causes, ...refusedOf(source, causes)];
  const stepSeconds = stepOf(seconds);
  const stepMs = stepSeconds * 1_000;
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  const steps = Math.round(seconds / stepSeconds);
  const starts = Array.from({ length: steps }, (_, index) => endMs - (steps - index) * stepMs);
  const { series, problems } = await getSeries(client, wanted, starts, stepSeconds);
  return {
    times: starts.map((start) => start + stepMs),
    stepSeconds,
    measured: byMeasure(wanted, series, starts, nowMs),
    sources: sourcesAmong(known),
    causes: countCauses(wanted, series),
    problems,
  };
};

const sourcesAmong = (metrics: readonly Metric[]): string[] =>
  [...new Set(metrics.flatMap((metric) => dimensionsOf(metric)['source'] ?? []))].sort();

/** A stage with many sources has some thousands; their names are no reason to wait for all of them. */
const MAX_PAGES = 10;

const listMetrics = async (client: CloudWatchClient, Namespace: string): Promise<Metric[]> => {
  const found: Metric[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.send(new ListMetricsCommand({ Namespace, NextToken }));
    found.push(...(answer.Metrics ?? []));
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return found;
};

/** By the place of what was wanted: values by the time at which their step begins. */
type Series = ReadonlyMap<number, ReadonlyMap<number, number>>;

const QUERIES_AT_ONCE = 100;

const getSeries = async (
  client: CloudWatchClient,
  wanted: readonly Wanted[],
  starts: readonly number[],
  stepSeconds: number,
): Promise<{ readonly series: Series; readonly problems: readonly string[] }> => {
  const series = new Map<number, Map<number, number>>();
  const problems = new Set<string>();
  for (let from = 0; from < wanted.length; from += QUERIES_AT_ONCE) {
    const queries = wanted
      .slice(from, from + QUERIES_AT_ONCE)
      .map((one, index) => queryOf(one, from + index, stepSeconds));
    for await (const answer of answersTo(client, queries, starts, stepSeconds)) {
      takeAnswer(answer, series);
      for (const { Value = '' } of answer.Messages ?? []) problems.add(`CloudWatch: ${Value}`);
    }
  }
  return { series, problems: [...problems] };
};

const queryOf = ({ metric, stat }: Wanted, place: number, stepSeconds: number): MetricDataQuery => ({
  Id: `m${place}`,
  MetricStat: { Metric: metric, Stat: stat, Period: stepSeconds },
});

async function* answersTo(
  client: CloudWatchClient,
  queries: MetricDataQuery[],
  starts: readonly number[],
  stepSeconds: number,
): AsyncGenerator<GetMetricDataCommandOutput> {
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date(starts[0] ?? 0),
        EndTime: new Date((starts.at(-1) ?? 0) + stepSeconds * 1_000),
        ScanBy: 'TimestampAscending',
        NextToken,
      }),
    );
    yield answer;
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
}

const takeAnswer = (
  { MetricDataResults: results = [] }: GetMetricDataCommandOutput,
  series: Map<number, Map<number, number>>,
): void => {
  for (const { Id = '', Timestamps: times = [], Values: values = [] } of results) {
    const place = Number(Id.slice(1));
    const own = series.get(place) ?? new Map<number, number>();
    for (const [index, time] of times.entries()) own.set(new Date(time).getTime(), values[index] ?? 0);
    series.set(place, own);
  }
};

/** So long CloudWatch may take: a step of which it has nothing yet is unknown, and no zero. */
const LATE_MS = 240_000;

const byMeasure = (
  wanted: readonly Wanted[],
  series: Series,
  starts: readonly number[],
  nowMs: number,
): StageNumbers['measured'] => {
  const places = Map.groupBy([...wanted.entries()], ([, { measure }]) => measure);
  const measured: Record<string, (number | null)[]> = {};
  for (const [measure, ofMeasure] of places) {
    if (measure === 'cause') continue;
    const all = ofMeasure.map(([place]) => series.get(place));
    measured[measure] = starts.map((start) => {
      const values = all.flatMap((own) => own?.get(start) ?? []);
      if (values.length === 0) return isCount(measure) && start < nowMs - LATE_MS ? 0 : null;
      return measure === 'oldestSeconds'
        ? Math.max(...values)
        : values.reduce((total, value) => total + value, 0);
    });
  }
  return measured;
};

const countCauses = (wanted: readonly Wanted[], series: Series): Cause[] =>
  wanted
    .flatMap(({ cause }, place) => {
      const count = [...(series.get(place)?.values() ?? [])].reduce((total, value) => total + value, 0);
      return cause === undefined || count === 0 ? [] : [{ ...cause, count }];
    })
    .sort((one, other) => other.count - one.count);
