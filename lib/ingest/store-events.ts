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
  deadline: AbortSignal,
): Promise<SendResult> => {
  const messages = packEvents(events, { [ATTRIBUTES.source]: logContext.source });
  return rejected.length === 0
    ? sendMessages(sqs, queueUrl(), messages, deadline)
    : storeWithRejected(messages, rejected, logContext, deadline);
};

/** The result of the dead letters unless they are stored, else that of the events. */
const storeWithRejected = async (
  messages: readonly OutgoingMessage[],
  rejected: readonly RejectedEvent[],
  logContext: LogContext,
  deadline: AbortSignal,
): Promise<SendResult> => {
  const kept = rejected.length > MAX_REJECTED_EVENTS ? [together(rejected, logContext.requestId)] : rejected;
  const deadLetters = kept.map((event) => ({ ...event, source: logContext.source }));
  // Both settings are read before anything is sent.
  const [eventsUrl, deadLettersUrl] = [queueUrl(), deadLetterQueueUrl()];
  const [queued, stored] = await Promise.all([
    sendMessages(sqs, eventsUrl, messages, deadline),
    sendDeadLetters(sqs, deadLettersUrl, deadLetters, new Date(), deadline),
  ]);
  if (stored.notSent.length > 0) return stored;
  const reasons = rejected.map(({ reason }) => (kept === rejected ? reason : TOO_MANY));
  reportDeadLetters(reasons, logContext);
  return queued;
};

const TOO_MANY: Reason = 'too_many_events';

/** One dead letter for all of them, an array: a small body of thousands of zeros must not cost a message for each. */
const together = (rejected: readonly RejectedEvent[], messageId: string): RejectedEvent => {
  const counts = [...Map.groupBy(rejected, ({ reason }) => reason)].map(
    ([reason, of]) => `${of.length} ${reason}`,
  );
  return {
    reason: TOO_MANY,
    detail: `${rejected.length} events of one request can never work: ${counts.join(', ')}; the first: ${rejected[0]?.detail}`,
    body: `[${rejected.map(({ body }) => body).join(',')}]`,
    messageId,
    timestamp: rejected.find(({ timestamp }) => timestamp !== undefined)?.timestamp,
  };
};
