// Logs and metrics through Powertools. Nothing of an event (trait, property, key, body) may be handed to
// either: log lines say which message, which source, how many and why, never who or what.

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** JSON to CloudWatch; the level is Powertools' own `POWERTOOLS_LOG_LEVEL`. */
export const logger = new Logger({ serviceName: 'cio-relay' });

export const METRICS_NAMESPACE = 'CioRelay';

/** Every metric this system emits, with its unit; alarms and dashboard are tested against this list. */
export const METRICS = {
  EventsReceived: MetricUnit.Count,
  EventsDelivered: MetricUnit.Count,
  EventsSkipped: MetricUnit.Count,
  EventsRetried: MetricUnit.Count,
  EventsDeadLettered: MetricUnit.Count,
  Requests: MetricUnit.Count,
  RequestsThrottled: MetricUnit.Count,
  RequestsFailed: MetricUnit.Count,
  AuthFailures: MetricUnit.Count,
  BatchFillPercent: MetricUnit.Percent,
  EventAgeSeconds: MetricUnit.Seconds,
} as const;

export type MetricName = keyof typeof METRICS;

export type MetricValues = Partial<Readonly<Record<MetricName, number | readonly number[]>>>;

/** Emits one Embedded Metric Format line for a source: all values share the dimension `source`. */
export const emitMetrics = (
  source: string,
  values: MetricValues,
  extra: Readonly<Record<string, string>> = {},
): void => {
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: 'cio-relay',
    singleMetric: false,
  });
  metrics.addDimensions({ source, ...extra });
  for (const [name, value] of Object.entries(values)) {
    const list = typeof value === 'number' ? [value] : value;
    for (const one of list) metrics.addMetric(name, METRICS[name as MetricName], one);
  }
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};

/** What may be logged of an error: messages of foreign errors can quote their input, and got's carry the body. */
export const describeError = (error: unknown): Readonly<Record<string, unknown>> => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    errorName: error.name,
    ...(typeof code === 'string' ? { errorCode: code } : {}),
    errorAt: frames.slice(0, 5),
  };
};
