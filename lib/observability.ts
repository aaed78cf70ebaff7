// Logs and metrics through Powertools. Nothing of an event (trait, property, key, body) may be handed to
// either: log lines say which message, which source, how many and why, never who or what. The one exception is the name
// of an attribute that was dropped, as lib/delivery/count-names.ts lets it through.

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Reason, RequestErrorCode } from './errors';

/** JSON to CloudWatch; the level is Powertools' own `POWERTOOLS_LOG_LEVEL`. */
export const logger = new Logger({ serviceName: 'cio-relay' });

/** Every metric this system emits, with its unit; alarms, dashboard and docs are tested against this list. */
export const METRICS = {
  /** Taken from the queue for the first time, or dead-lettered before they were on it. */
  EventsReceived: MetricUnit.Count,
  EventsDelivered: MetricUnit.Count,
  /** Also by the dimension `reason`. */
  EventsSkipped: MetricUnit.Count,
  EventsRetried: MetricUnit.Count,
  /** Also by the dimension `reason`. */
  EventsDeadLettered: MetricUnit.Count,
  Requests: MetricUnit.Count,
  RequestsThrottled: MetricUnit.Count,
  RequestsFailed: MetricUnit.Count,
  /** Invocations whose credentials, or host, the destination refused. */
  AuthFailures: MetricUnit.Count,
  /** How much of the largest request a request used. */
  BatchFillPercent: MetricUnit.Percent,
  /** Age of the oldest event delivered: how late the relay runs. */
  EventAgeSeconds: MetricUnit.Seconds,
  /** Age of the oldest event put back. SQS's own age metric leaves out messages received more than three times. */
  RetriedEventAgeSeconds: MetricUnit.Seconds,
  /** Events whose own time could not be read; that of their arrival stands for it. */
  TimestampsReplaced: MetricUnit.Count,
  /** Attributes of delivered events that were dropped, or cut, because the destination would have refused them. */
  AttributesDropped: MetricUnit.Count,
  /** Requests that a door did not take, by the dimension `code` and, where it is known, `source`. */
  RequestsRefused: MetricUnit.Count,
  /** Reporting webhooks that name a known source and that none of its signing keys has signed. */
  WebhooksRefused: MetricUnit.Count,
  /** In the settings that were read: sources that are left out, or a text that could not be used at all. */
  SettingsMistakes: MetricUnit.Count,
  /** Events of which the archive did not take the line, though they ended. */
  ArchiveFailed: MetricUnit.Count,
  /** Nothing could be done, for a mistake in the settings or something unexpected; the log says which. */
  InvocationsFailed: MetricUnit.Count,
} as const;

export type MetricName = keyof typeof METRICS;

export type MetricValues = Partial<Readonly<Record<MetricName, number | readonly number[]>>>;

/**
 * Counts each value twice: for its source, and without a dimension for all sources together. `source` is undefined
 * for what concerns no single source.
 */
export const emitMetrics = (source: string | undefined, values: MetricValues): void =>
  publish(source === undefined ? [{}] : [{ source }, {}], values);

/** Dead letters, counted as any metric and by reason as well. */
export const emitDeadLetters = (source: string, reason: Reason, events: number): void => {
  emitMetrics(source, { EventsDeadLettered: events });
  publish([{ source, reason }], { EventsDeadLettered: events });
};

/** Skipped events by reason; they are counted without it as well, with the others of their invocation. */
export const emitSkipped = (source: string, reason: string, events: number): void =>
  publish([{ source, reason }], { EventsSkipped: events });

/** Counts refused requests by code, and by source and code too where the source is known. */
export const emitRefusals = (
  code: RequestErrorCode | Reason,
  source: string | undefined,
  requests: number,
): void => {
  publish([{ code }, {}], { RequestsRefused: requests });
  if (source !== undefined) publish([{ source, code }], { RequestsRefused: requests });
};

/** The namespace is Powertools' own `POWERTOOLS_METRICS_NAMESPACE`: one for each deployment and direction. */
const metrics = new Metrics();
// Powertools would add `service` to every set of dimensions. The namespace says it, and alarms name dimensions exactly.
metrics.clearDefaultDimensions();

/** At a hundred values Powertools publishes what it has, and would count the rest without their dimensions. */
const MAX_VALUES = 99;

let bySource = true;

/**
 * Each source has a dozen metrics of its own, and CloudWatch bills every one of them. Switched off, all sources are
 * counted together.
 */
export const countBySource = (on: boolean): void => {
  bySource = on;
};

/** One line of Embedded Metric Format. A metric is counted once for each set of dimensions; `{}` is one too. */
const publish = (allSets: readonly Record<string, string>[], values: MetricValues): void => {
  const dimensionSets = bySource ? allSets : allSets.filter((dimensions) => !('source' in dimensions));
  if (dimensionSets.length === 0) return;
  for (const [name, value] of Object.entries(values)) {
    const list = typeof value === 'number' ? [value] : value.slice(0, MAX_VALUES);
    for (const one of list) metrics.addMetric(name, METRICS[name as MetricName], one);
  }
  if (!metrics.hasStoredMetrics()) return;
  for (const dimensions of dimensionSets) metrics.addDimensions(dimensions);
  metrics.publishStoredMetrics();
};

/** What may be logged of an error: messages of foreign errors can quote their input, and got's carry the body. */
export const describeError = (error: unknown): Readonly<Record<string, unknown>> => {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    errorName: error.name,
    ...(typeof code === 'string' ? { errorCode: code } : {}),
    errorAt: framesOf(error).slice(0, 5),
  };
};

/** One word for a log or a result. Errors of the system are all named the same; their code tells them apart. */
export const codeOfError = (error: unknown): string => {
  if (!(error instanceof Error)) return 'UnknownError';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
};

/** The stack's frames without the message, which stands before them and may have lines that look like frames. */
const framesOf = ({ message, stack = '' }: Error): string[] => {
  const at = stack.indexOf(message);
  if (at === -1) return [];
  return stack
    .slice(at + message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '));
};
