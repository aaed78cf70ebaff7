// What both HTTP doors do alike: turn a failure of their own into a refusal that makes the sender send again,
// and tell operators of events that were dead-lettered before they were on a queue.

import { type Reason, SettingsError } from '../errors';
import { describeError, emitDeadLetters, emitMetrics, logger } from '../observability';
import { INTERNAL_ERROR, type Refusal, SETTINGS_UNUSABLE } from './refusal';

/** What a log line of a door may name. */
export interface LogContext {
  readonly requestId: string;
  readonly source: string;
}

/**
 * Turns a failure into a refusal, and never into an error of the function: API Gateway would answer 500, after
 * which some senders drop or wait.
 */
export const refuseFailure = (error: unknown, requestId: string): Refusal => {
  emitMetrics(undefined, { InvocationsFailed: 1 });
  if (error instanceof SettingsError) {
    logger.error('The settings are not usable', { requestId, mistake: error.message });
    return SETTINGS_UNUSABLE;
  }
  logger.error('A request failed unexpectedly', { requestId, ...describeError(error) });
  return INTERNAL_ERROR;
};

/**
 * Tells of dead letters, of which there is at least one. What is queued is counted by its consumer: a line for each
 * request would cost more than the request.
 */
export const reportDeadLetters = (reasons: readonly Reason[], logContext: LogContext): void => {
  const { source } = logContext;
  emitMetrics(source, { EventsReceived: reasons.length });
  for (const [reason, ofReason] of Map.groupBy(reasons, (reason) => reason)) {
    const events = ofReason.length;
    logger.warn('Events dead-lettered', { reason, events, ...logContext });
    emitDeadLetters(source, reason, events);
  }
};
