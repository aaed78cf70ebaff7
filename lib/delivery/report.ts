// Tells operators how an invocation went: metrics for each source, and a log line for what needs eyes.
// Counts and codes only; nothing of an event.

import { emitDeadLetters, emitMetrics, logger, type MetricValues } from '../observability';
import type { DeliveryReport } from './deliver';
import type { EventInFlight, EventOutcome } from './event-in-flight';
import type { RelayResult } from './relay';

/** The dimension of events whose message names a source that is not configured. */
const UNKNOWN_SOURCE = 'unknown';
/** As many message ids as help to find them, few enough to keep the line short. */
const MAX_LOGGED_IDS = 10;

export const report = ({ events, reports }: RelayResult, now: Date): void => {
  const bySource = Map.groupBy(events, ({ source }) => source?.name ?? UNKNOWN_SOURCE);
  for (const [source, ofSource] of bySource) {
    reportSource(source, ofSource, reports.get(source), now);
  }
};

const reportSource = (
  source: string,
  events: readonly EventInFlight[],
  delivery: DeliveryReport | undefined,
  now: Date,
): void => {
  const count = (kind: EventOutcome['kind']): number =>
    events.filter(({ outcome }) => outcome?.kind === kind).length;
  emitMetrics(source, {
    EventsDelivered: count('delivered'),
    EventsSkipped: count('skipped'),
    EventsRetried: count('retried'),
    ...deliveryMetrics(delivery),
    ...ageMetrics(events, now),
  });
  reportDeadLetters(source, events);
  reportRetries(source, count('retried'), delivery);
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

/** How late the relay runs, and how long the oldest event has been waiting that it could not deliver. */
const ageMetrics = (events: readonly EventInFlight[], now: Date): MetricValues => {
  const delivered = oldestAge(events, 'delivered', now);
  const retried = oldestAge(events, 'retried', now);
  return {
    ...(delivered === undefined ? {} : { EventAgeSeconds: delivered }),
    ...(retried === undefined ? {} : { RetriedEventAgeSeconds: retried }),
  };
};

/** In seconds since its message was put on the queue; undefined when no event ended that way. */
const oldestAge = (
  events: readonly EventInFlight[],
  kind: EventOutcome['kind'],
  now: Date,
): number | undefined => {
  let oldestMs: number | undefined;
  for (const { outcome, message } of events) {
    if (outcome?.kind === kind) oldestMs = Math.min(oldestMs ?? message.sentAtMs, message.sentAtMs);
  }
  return oldestMs === undefined ? undefined : Math.max(0, (now.getTime() - oldestMs) / 1_000);
};

const reportDeadLetters = (source: string, events: readonly EventInFlight[]): void => {
  const byReason = Map.groupBy(events, ({ outcome }) =>
    outcome?.kind === 'dead_lettered' ? outcome.reason : undefined,
  );
  for (const [reason, ofReason] of byReason) {
    if (reason === undefined) continue;
    emitDeadLetters(source, reason, ofReason.length);
    const sqsMessageIds = ofReason.slice(0, MAX_LOGGED_IDS).map(({ message }) => message.sqsMessageId);
    logger.warn('Events dead-lettered', { source, reason, events: ofReason.length, sqsMessageIds });
  }
};

const reportRetries = (source: string, retried: number, delivery: DeliveryReport | undefined): void => {
  if (delivery?.operatorAdvice !== undefined) {
    logger.error('An operator must act', { source, advice: delivery.operatorAdvice, eventsWaiting: retried });
    return;
  }
  if (retried > 0) logger.warn('Events will be retried', { source, events: retried, ...failures(delivery) });
};

const failures = (delivery: DeliveryReport | undefined) => ({
  requests: delivery?.requests ?? 0,
  requestsFailed: delivery?.failed ?? 0,
  requestsThrottled: delivery?.throttled ?? 0,
});
