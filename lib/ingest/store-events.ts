// What came of a request goes to its queues: what can be delivered to the event queue, what can never work to
// the dead-letter queue.

import { deadLetterQueueUrl, queueUrl } from '../config/environment';
import type { Reason } from '../errors';
import { type LogContext, reportDeadLetters } from '../http/door';
import { sqs } from '../queue/client';
import { sendDeadLetters } from '../queue/dead-letter';
import { ATTRIBUTES } from '../queue/message';
import type { OutgoingMessage } from '../queue/outgoing-message';
import { packEvents, type SendResult, sendMessages } from '../queue/producer';
import type { Acceptance, RejectedEvent } from './accept';
import { MAX_REJECTED_EVENTS } from './request-limits';

/** Nothing of the request may be answered for as stored unless the result's `notSent` is empty. */
export const storeEvents = (
  { events, rejected }: Acceptance,
  logContext: LogContext,
): Promise<SendResult> => {
  const messages = packEvents(events, { [ATTRIBUTES.source]: logContext.source });
  return rejected.length === 0
    ? sendMessages(sqs, queueUrl(), messages)
    : storeWithRejected(messages, rejected, logContext);
};

/**
 * Stores both beside each other. Answers the result of the dead letters unless all are stored, else that of the
 * events.
 */
const storeWithRejected = async (
  messages: readonly OutgoingMessage[],
  rejected: readonly RejectedEvent[],
  logContext: LogContext,
): Promise<SendResult> => {
  const { kept, reasons } = gather(rejected, logContext.requestId);
  const deadLetters = kept.map((event) => ({ ...event, source: logContext.source }));
  // Both settings are read before anything is sent.
  const [eventsUrl, deadLettersUrl] = [queueUrl(), deadLetterQueueUrl()];
  const [queued, stored] = await Promise.all([
    sendMessages(sqs, eventsUrl, messages),
    sendDeadLetters(sqs, deadLettersUrl, deadLetters, new Date()),
  ]);
  if (stored.notSent.length > 0) return stored;
  reportDeadLetters(reasons, logContext);
  return queued;
};

interface Gathered {
  readonly kept: readonly RejectedEvent[];
  /** The reason of each rejected event, also of those that share a dead letter. */
  readonly reasons: readonly Reason[];
}

/** A small body of thousands of zeros must not cost a message for each. */
const gather = (rejected: readonly RejectedEvent[], requestId: string): Gathered => {
  const reasons = rejected.map(({ reason }) => reason);
  const events = rejected.filter(({ reason }) => reason !== 'invalid_json');
  if (events.length <= MAX_REJECTED_EVENTS) return { kept: rejected, reasons };
  // A body that could not be read is one dead letter already, and no JSON to put among others.
  const unreadable = rejected.filter(({ reason }) => reason === 'invalid_json');
  const all = together(events, requestId);
  return {
    kept: [all, ...unreadable],
    reasons: reasons.map((reason) => (reason === 'invalid_json' ? reason : all.reason)),
  };
};

/** One dead letter for all of them, an array. */
const together = (rejected: readonly RejectedEvent[], messageId: string): RejectedEvent => {
  const counts = [...Map.groupBy(rejected, ({ reason }) => reason)].map(
    ([reason, of]) => `${of.length} ${reason}`,
  );
  return {
    reason: 'too_many_events',
    detail: `${rejected.length} events of one request can never work: ${counts.join(', ')}; the first: ${rejected[0]?.detail}`,
    body: `[${rejected.map(({ body }) => body).join(',')}]`,
    messageId,
    timestamp: rejected[0]?.timestamp,
  };
};
