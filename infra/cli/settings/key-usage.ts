// What the keys of sources brought in the last 24 hours, and what was refused for a key that no source has: by the
// metrics and the log of a stage, or the journal of the local stack.

import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { RequestErrorCode } from '../../../lib/errors';
import type { MetricName } from '../../../lib/observability';
import { sandboxUrl } from '../../local/addresses';
import { type AwsStage, functionName, logGroupsOf, metricsNamespace, readLog } from '../aws-stage';
import { journalRows } from '../tail/journal-feed';
import { happeningsIn } from '../tail/log-line';
import type { Target } from '../target';

const DAY_MS = 86_400_000;
const UNKNOWN_KEY: RequestErrorCode = 'invalid_write_key';

export interface Count {
  readonly count: number;
  /** Milliseconds since 1970; undefined where there was none. */
  readonly lastAt: number | undefined;
}

export interface KeyUsage {
  /** Events by source. */
  readonly received: ReadonlyMap<string, Count>;
  /** Requests, and the libraries they came from as far as they are known. */
  readonly refused: Count & { readonly clients: readonly string[] };
}

export const usageOf = ({ stage, ports }: Target, sources: readonly string[]): Promise<KeyUsage> =>
  stage === undefined ? usageInJournal(sandboxUrl(ports), sources) : usageInMetrics(stage, sources);

const usageInJournal = async (url: string, sources: readonly string[]): Promise<KeyUsage> => {
  const rows = (await journalRows(url)).filter(({ at }) => at > Date.now() - DAY_MS);
  const countOf = (isWanted: (row: (typeof rows)[number]) => boolean): Count => {
    const wanted = rows.filter(isWanted);
    return { count: wanted.length, lastAt: wanted.at(-1)?.at };
  };
  const received = sources.map((name) => {
    const isOf = countOf(({ source, fate }) => source === name && fate !== 'refused');
    return [name, isOf] as const;
  });
  const refused = countOf(({ fate, reason }) => fate === 'refused' && reason === UNKNOWN_KEY);
  return { received: new Map(received), refused: { ...refused, clients: [] } };
};

const PERIOD_SECONDS = 300;

const usageInMetrics = async (stage: AwsStage, sources: readonly string[]): Promise<KeyUsage> => {
  const query = (Id: string, MetricName: MetricName, Name: string, Value: string): MetricDataQuery => {
    const Metric = { Namespace: metricsNamespace(stage), MetricName, Dimensions: [{ Name, Value }] };
    return { Id, MetricStat: { Metric, Stat: 'Sum', Period: PERIOD_SECONDS } };
  };
  const { MetricDataResults: results = [] } = await new CloudWatchClient({ region: stage.region }).send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - DAY_MS),
      EndTime: new Date(),
      MetricDataQueries: [
        ...sources.map((name, index) => query(`source${index}`, 'EventsReceived', 'source', name)),
        query('refused', 'RequestsRefused', 'code', UNKNOWN_KEY),
      ],
    }),
  );
  const countOf = (id: string): Count => toCount(results.find(({ Id }) => Id === id));
  const refused = countOf('refused');
  return {
    received: new Map(sources.map((name, index) => [name, countOf(`source${index}`)])),
    refused: { ...refused, clients: refused.count === 0 ? [] : await refusedClients(stage) },
  };
};

interface Series {
  readonly Timestamps?: readonly Date[] | undefined;
  readonly Values?: readonly number[] | undefined;
}

const toCount = ({ Timestamps = [], Values = [] }: Series = {}): Count => {
  const moments = Timestamps.filter((_, index) => (Values[index] ?? 0) > 0).map((time) => time.getTime());
  return {
    count: Values.reduce((sum, value) => sum + value, 0),
    lastAt: moments.length === 0 ? undefined : Math.max(...moments),
  };
};

/** Most requests first. */
const refusedClients = async (stage: AwsStage): Promise<string[]> => {
  const logs = new CloudWatchLogsClient({ region: stage.region });
  const ingest = (await logGroupsOf(logs, stage)).find(({ name }) =>
    name.endsWith(functionName(stage, 'ingest')),
  );
  if (ingest === undefined) return [];
  const lines = await readLog(logs, ingest, '"Requests refused"', Date.now() - DAY_MS);
  const refused = lines
    .flatMap(({ message = '', timestamp = 0 }) => happeningsIn(message, timestamp))
    .filter(({ reason }) => reason === UNKNOWN_KEY);
  const sums = [...Map.groupBy(refused, ({ what }) => what)].map(
    ([client, ofClient]) => [client, ofClient.reduce((sum, { count }) => sum + count, 0)] as const,
  );
  return sums.toSorted(([, a], [, b]) => b - a).map(([client, count]) => `${client} ${count}`);
};
