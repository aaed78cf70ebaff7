// CloudWatch at the SDK's edge: it has the metrics that a test puts there, and answers for them as its API reference
// says: exact dimensions, times at which a period begins, pages with a token, nothing for what nobody has counted.

import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  ListMetricsCommand,
  type Metric,
} from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';

export interface Counted {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  /** By the minute at which it was counted, in milliseconds since 1970. */
  readonly values: readonly (readonly [atMs: number, value: number])[];
}

const PAGE = 3;

const keyOf = ({ Namespace, MetricName, Dimensions = [] }: Metric): string =>
  JSON.stringify([Namespace, MetricName, Dimensions.map(({ Name, Value }) => [Name, Value]).sort()]);

const toMetric = ({ namespace, name, dimensions = {} }: Counted): Metric => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

/** Until `restore` is called, every client answers with these. */
export const standInForCloudWatch = (counted: readonly Counted[]) => {
  const mock = mockClient(CloudWatchClient);
  const known = new Map(counted.map((one) => [keyOf(toMetric(one)), one]));
  mock.on(ListMetricsCommand).callsFake(({ Namespace, NextToken }) => {
    const all = counted.filter(({ namespace }) => namespace === Namespace).map(toMetric);
    const from = Number(NextToken ?? 0);
    const next = from + PAGE < all.length ? { NextToken: `${from + PAGE}` } : {};
    return { Metrics: all.slice(from, from + PAGE), ...next };
  });
  mock.on(GetMetricDataCommand).callsFake((input: GetMetricDataCommandInput) => dataFor(input, known));
  return mock;
};

const dataFor = (
  input: GetMetricDataCommandInput,
  known: ReadonlyMap<string, Counted>,
): Partial<GetMetricDataCommandOutput> => {
  const queries = input.MetricDataQueries ?? [];
  const from = Number(input.NextToken ?? 0);
  const results = queries.slice(from, from + PAGE).map(({ Id, MetricStat }) => {
    const { Metric: metric = {}, Stat: stat = '', Period: period = 60 } = MetricStat ?? {};
    const points = inPeriods(known.get(keyOf(metric))?.values ?? [], input, period, stat);
    return {
      Id,
      StatusCode: 'Complete' as const,
      Timestamps: points.map(([at]) => new Date(at)),
      Values: points.map(([, value]) => value),
    };
  });
  return { MetricDataResults: results, ...(from + PAGE < queries.length && { NextToken: `${from + PAGE}` }) };
};

const inPeriods = (
  values: Counted['values'],
  { StartTime: start, EndTime: end }: GetMetricDataCommandInput,
  period: number,
  stat: string,
): (readonly [number, number])[] => {
  const [from, to, length] = [start?.getTime() ?? 0, end?.getTime() ?? 0, period * 1_000];
  const groups = Map.groupBy(
    values.filter(([at]) => at >= from && at < to),
    ([at]) => Math.floor(at / length) * length,
  );
  return [...groups]
    .sort(([one], [other]) => one - other)
    .map(([at, group]) => {
      const numbers = group.map(([, value]) => value).sort((one, other) => one - other);
      return [at, statistic(numbers, stat)];
    });
};

/** @param numbers the smallest first. */
const statistic = (numbers: readonly number[], stat: string): number => {
  if (stat === 'Sum') return numbers.reduce((sum, value) => sum + value, 0);
  const percent = stat === 'Maximum' ? 100 : Number(/^p(\d+)$/.exec(stat)?.[1]);
  return numbers[Math.ceil((numbers.length * percent) / 100) - 1] ?? Number.NaN;
};
