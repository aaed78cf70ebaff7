// From the records of one Lambda invocation to its answer: which messages SQS must keep. Every event ends
// as exactly one of delivered, skipped, dead-lettered or retried, and a message is acknowledged only when
// none of its events is left to retry and its dead letters are stored. Whatever is unclear is retried.

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import type { Source } from '../config/source';
import { describeError, logger } from '../observability';
import { readMessage } from '../queue/message';
import type { Connector, Destination, Item, NotSetUp } from './connector';
import {
  type DeliveryContext,
  type DeliveryReport,
  type DeliveryResult,
  deliver,
  type ItemOutcome,
} from './deliver';
import { type EventInFlight, type EventOutcome, takeApart } from './event-in-flight';
import { pacerFor } from './limiter';
import type { Random } from './retry-policy';
import { settle } from './settle';
import { gather, spread } from './spread';

export interface RelayContext {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMs: () => number;
  readonly send: DeliveryContext['send'];
  readonly random: Random;
  readonly now: () => Date;
}

export interface RelayResult {
  readonly response: SQSBatchResponse;
  readonly events: readonly EventInFlight[];
  /** By source name. */
  readonly reports: ReadonlyMap<string, DeliveryReport>;
}

export const relay = async (
  records: readonly SQSRecord[],
  sources: readonly Source[],
  connector: Connector,
  context: RelayContext,
): Promise<RelayResult> => {
  const messages = records.map(readMessage);
  const events = messages.flatMap((message) => takeApart(message, sources, connector.prepare));
  const reports = await deliverBySource(events, connector, context);
  const response = await settle(messages, events, context);
  return { response, events, reports };
};

/** Sources do not wait for each other: one workspace's outage leaves the others' events alone. */
const deliverBySource = async (
  events: readonly EventInFlight[],
  connector: Connector,
  context: RelayContext,
): Promise<ReadonlyMap<string, DeliveryReport>> => {
  const reports = new Map<string, DeliveryReport>();
  const bySource = Map.groupBy(events, (event) => event.source);
  const deliveries = [...bySource].map(async ([source, ofSource]) => {
    if (source === undefined) return;
    try {
      reports.set(source.name, await deliverSource(source, ofSource, connector, context));
    } catch (error) {
      // A bug, not an outcome: what has none yet is retried, and the other sources go on.
      logger.error('Delivery failed unexpectedly', { source: source.name, ...describeError(error) });
    }
  });
  await Promise.all(deliveries);
  return reports;
};

const deliverSource = async (
  source: Source,
  events: readonly EventInFlight[],
  connector: Connector,
  context: RelayContext,
): Promise<DeliveryReport> => {
  const destination = connector.destination(source);
  const waiting = events.filter(({ outcome }) => outcome === undefined);
  if ('advice' in destination) return waitForOperator(waiting, destination);
  const items = waiting.flatMap((event) => event.items);
  const pacer = pacerFor(destination);
  const { outcomes, report } = await deliverSpread(items, destination, { ...context, pacer });
  let from = 0;
  for (const event of waiting) {
    event.outcome = combine(outcomes.slice(from, from + event.items.length), destination);
    from += event.items.length;
  }
  return report;
};

/** The endpoints beside each other, within one rate. */
const deliverSpread = async (
  items: readonly Item[],
  destination: Destination,
  context: DeliveryContext,
): Promise<DeliveryResult> => {
  const { loads, places } = spread(items, destination);
  const results = await Promise.all(loads.map((load) => deliver(load.items, load.destination, context)));
  return {
    outcomes: gather(
      places,
      results.map(({ outcomes }) => outcomes),
    ),
    report: results.map(({ report }) => report).reduce(addReport),
  };
};

/** How full requests were is said of the destination's own: another endpoint may take one item each. */
const addReport = (own: DeliveryReport, other: DeliveryReport): DeliveryReport => ({
  ...other,
  ...own,
  requests: own.requests + other.requests,
  throttled: own.throttled + other.throttled,
  failed: own.failed + other.failed,
});

const waitForOperator = (events: readonly EventInFlight[], { advice }: NotSetUp): DeliveryReport => {
  for (const event of events) event.outcome = { kind: 'retried', delay: { kind: 'operator' } };
  const nothingSent = { requests: 0, throttled: 0, failed: 0, fillPercents: [] };
  return events.length === 0 ? nothingSent : { ...nothingSent, operatorAdvice: advice };
};

/** An event is delivered when all its operations are; one that must be tried again takes the others along. */
const combine = (outcomes: readonly ItemOutcome[], { rejectedReason }: Destination): EventOutcome => {
  const retry = outcomes.find((outcome) => outcome.kind === 'retry');
  if (retry?.kind === 'retry') return { kind: 'retried', delay: retry.delay };
  const rejected = outcomes.find((outcome) => outcome.kind === 'rejected');
  if (rejected?.kind !== 'rejected') return { kind: 'delivered' };
  return { kind: 'dead_lettered', reason: rejectedReason, detail: rejected.detail };
};
