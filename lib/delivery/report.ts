// Tells operators how an invocation went: metrics for each source, and a log line for what needs eyes. A source with
// several workspaces is told of once for each: its metrics add up, and the log lines say which.
// Counts and codes only; nothing of an event.

import { labelOf } from '../config/source';
import { emitDeadLetters, emitMetrics, emitSkipped, logger, type MetricValues } from '../observability';
import { countNames } from './count-names';
import type { DeliveryReport } from './delivery';
import type { EventInFlight, EventOutcome } from './event-in-flight';
import type { RelayResult } from './relay';

/** The dimension of events whose message names a source that is not configured. */
export const UNKNOWN_SOURCE = 'unknown';
/** The most message ids in a log line: enough to find the messages, few enough to keep the line short. */
export const MAX_LOGGED_IDS = 10;

export const report = ({ events, reports }: RelayResult, now: Date): void => {
  const byLabel = Map.groupBy(events, ({ source }) => (source === undefined ? undefined : labelOf(source)));
  for (const [label, ofLabel] of byLabel) {
    const { name = UNKNOWN_SOURCE, workspace } = ofLabel[0]?.source ?? {};
    const named = workspace === undefined ? { source: name } : { source: name, workspace };
    reportSource(named, ofLabel, label === undefined ? undefined : reports.get(label), now);
  }
  reportReplacedTimes(events);
};

/** The sender's own mistake, told as the HTTP door tells it: once for an event, however many workspaces it goes to. */
const reportReplacedTimes = (events: readonly EventInFlight[]): void => {
  const replaced = events.filter(
    ({ isTimestampReplaced, message }) => isTimestampReplaced && message.history.receives === 1,
  );
  for (const [source, ofSource] of Map.groupBy(replaced, nameOf)) {
    const count = new Set(ofSource.map(({ message, index }) => `${message.sqsMessageId}/${index}`)).size;
    emitMetrics(source, { TimestampsReplaced: count });
    logger.warn('Timestamps replaced', { source, events: count });
  }
};

const nameOf = ({ source }: EventInFlight): string => source?.name ?? UNKNOWN_SOURCE;

/** Whom a log line speaks of. The dimension of metrics is the source alone. */
interface Named {
  readonly source: string;
  readonly workspace?: string;
}

const reportSource = (
  named: Named,
  events: readonly EventInFlight[],
  delivery: DeliveryReport | undefined,
  now: Date,
): void => {
  const tally = count(events);
  const notArchived = events.filter(({ note }) => note?.failed).length;
  emitMetrics(named.source, {
    EventsReceived: tally.received,
    EventsDelivered: tally.delivered,
    EventsSkipped: tally.skipped,
    EventsRetried: tally.retried,
    ...(notArchived > 0 ? { ArchiveFailed: notArchived } : {}),
    ...(tally.attributesDropped > 0 ? { AttributesDropped: tally.attributesDropped } : {}),
    ...deliveryMetrics(delivery),
    ...ageMetrics(tally, now),
  });
  logger.debug('Events settled', { ...named, ...tally });
  if (tally.attributesDropped > 0) reportAdjusted(named, events);
  if (tally.skipped > 0) reportSkipped(named, events);
  if (tally.dead_lettered > 0) reportDeadLetters(named, events);
  if (tally.retried > 0) reportRetries(named, events, delivery);
};

type EventTally = Record<EventOutcome['kind'] | 'received' | 'attributesDropped', number> & {
  oldestDeliveredMs: number;
  oldestRetriedMs: number;
};

const NONE: readonly string[] = [];

/** One pass: an invocation holds thousands of events. */
const count = (events: readonly EventInFlight[]): EventTally => {
  const tally: EventTally = {
    received: 0,
    attributesDropped: 0,
    delivered: 0,
    skipped: 0,
    retried: 0,
    dead_lettered: 0,
    oldestDeliveredMs: Number.POSITIVE_INFINITY,
    oldestRetriedMs: Number.POSITIVE_INFINITY,
  };
  for (const { outcome, message, adjustedAttributes = NONE } of events) {
    if (message.history.receives === 1) tally.received += 1;
    if (outcome === undefined) continue;
    tally[outcome.kind] += 1;
    const { firstSentAtMs: sentAtMs } = message.history;
    if (outcome.kind === 'delivered') {
      tally.attributesDropped += adjustedAttributes.length;
      tally.oldestDeliveredMs = Math.min(tally.oldestDeliveredMs, sentAtMs);
    }
    if (outcome.kind === 'retried' && sentAtMs < tally.oldestRetriedMs) tally.oldestRetriedMs = sentAtMs;
  }
  return tally;
};

const deliveryMetrics = (delivery: DeliveryReport | undefined): MetricValues =>
  delivery === undefined
    ? {}
    : {
        Requests: delivery.requests,
        RequestsThrottled: delivery.throttled,
        RequestsFailed: delivery.failed,
        AuthFailures: delivery.operatorAdvice === undefined ? 0 : 1,
        BatchFillPercent: delivery.fillPercents,
      };

/** How late the relay runs, and how long the oldest of the events put back has been waiting. */
const ageMetrics = (tally: EventTally, now: Date): MetricValues => ({
  ...(tally.delivered > 0 ? { EventAgeSeconds: secondsSince(tally.oldestDeliveredMs, now) } : {}),
  ...(tally.retried > 0 ? { RetriedEventAgeSeconds: secondsSince(tally.oldestRetriedMs, now) } : {}),
});

/** Since an event was first put on the queue. */
const secondsSince = (sentAtMs: number, now: Date): number => Math.max(0, (now.getTime() - sentAtMs) / 1_000);

/** A person's attribute is a name of the sender's schema, and nobody can mend what is not named. */
const reportAdjusted = (named: Named, events: readonly EventInFlight[]): void => {
  const delivered = events.filter(({ outcome }) => outcome?.kind === 'delivered');
  const adjusted = delivered.filter(({ adjustedAttributes = NONE }) => adjustedAttributes.length > 0);
  const attributes = countNames(adjusted.flatMap(({ adjustedAttributes = NONE }) => adjustedAttributes));
  logger.warn('Attributes beyond the limits were dropped or cut', {
    ...named,
    attributes,
    ...idsOf(adjusted),
  });
};

/** No message ids: nobody has to look for what was not wanted. */
const reportSkipped = (named: Named, events: readonly EventInFlight[]): void => {
  const byReason = Map.groupBy(events, ({ outcome }) =>
    outcome?.kind === 'skipped' ? outcome.reason : undefined,
  );
  for (const [reason, ofReason] of byReason) {
    if (reason === undefined) continue;
    emitSkipped(named.source, reason, ofReason.length);
    logger.info('Events skipped', { ...named, reason, events: ofReason.length, ...byRule(ofReason) });
  }
};

/** How many events each of the source's own rules has kept out; nothing where no rule did. */
const byRule = (events: readonly EventInFlight[]): { readonly rules?: Readonly<Record<string, number>> } => {
  const groups = Map.groupBy(events, ({ outcome }) =>
    outcome?.kind === 'skipped' ? outcome.rule : undefined,
  );
  const counts = [...groups].flatMap(([rule, { length }]) => (rule === undefined ? [] : [[rule, length]]));
  return counts.length === 0 ? {} : { rules: Object.fromEntries(counts) };
};

const reportDeadLetters = (named: Named, events: readonly EventInFlight[]): void => {
  const byReason = Map.groupBy(events, ({ outcome }) =>
    outcome?.kind === 'dead_lettered' ? outcome.reason : undefined,
  );
  for (const [reason, ofReason] of byReason) {
    if (reason === undefined) continue;
    emitDeadLetters(named.source, reason, ofReason.length);
    logger.warn('Events dead-lettered', { ...named, reason, ...idsOf(ofReason) });
  }
};

const reportRetries = (
  named: Named,
  events: readonly EventInFlight[],
  delivery: DeliveryReport | undefined,
): void => {
  const retried = idsOf(events.filter(({ outcome }) => outcome?.kind === 'retried'));
  if (delivery?.operatorAdvice !== undefined) {
    logger.error('An operator must act', { ...named, advice: delivery.operatorAdvice, ...retried });
    return;
  }
  logger.warn('Events will be retried', { ...named, ...retried, ...failures(delivery) });
};

/** How many, and the messages to look for. */
const idsOf = (events: readonly EventInFlight[]) => ({
  events: events.length,
  sqsMessageIds: [...new Set(events.map(({ message }) => message.sqsMessageId))].slice(0, MAX_LOGGED_IDS),
});

const failures = (delivery: DeliveryReport | undefined) => ({
  requests: delivery?.requests ?? 0,
  requestsFailed: delivery?.failed ?? 0,
  requestsThrottled: delivery?.throttled ?? 0,
});
