// What came of a request goes to its queues: what can be delivered to the event queue, what can never work to
// the dead-letter queue.

import { deadLetterQueueUrl, queueUrl } from '../config/environment';
import type { Source } from '../config/source';
import type { Reason } from '../errors';
import { batchText, textWithSharedFields } from '../event/shared-fields';
import { reportDeadLetters } from '../http/door';
import { sqs } from '../queue/client';
import { type DeadLetter, sendDeadLetters } from '../queue/dead-letter';
import { ATTRIBUTES } from '../queue/message';
import type { OutgoingMessage } from '../queue/outgoing-message';
import { packEvents, type SendResult, sendMessages } from '../queue/producer';
import { asDeadLetter } from '../rules/as-dead-letter';
import type { Acceptance, RejectedEvent } from './accept';
import { MAX_REJECTED_EVENTS } from './request-limits';

/** Nothing of the request may be answered for as stored unless the result's `notSent` is empty. */
export const storeEvents = (
  { events, rejected }: Acceptance,
  source: Source,
  requestId: string,
): Promise<SendResult> => {
  const messages = packEvents(events, { [ATTRIBUTES.source]: source.name });
  return rejected.length === 0
    ? sendMessages(sqs, queueUrl(), messages)
    : storeWithRejected(messages, rejected, source, requestId);
};

/**
 * Stores both beside each other. Answers the result of the dead letters unless all are stored, else that of the
 * events.
 */
const storeWithRejected = async (
  messages: readonly OutgoingMessage[],
  rejected: readonly RejectedEvent[],
  source: Source,
  requestId: string,
): Promise<SendResult> => {
  const { letters, reasons } = gather(rejected, source, requestId);
  // Both settings are read before anything is sent.
  const [eventsUrl, deadLettersUrl] = [queueUrl(), deadLetterQueueUrl()];
  const [queued, stored] = await Promise.all([
    sendMessages(sqs, eventsUrl, messages),
    sendDeadLetters(sqs, deadLettersUrl, letters, new Date()),
  ]);
  if (stored.notSent.length > 0) return stored;
  reportDeadLetters(reasons, { requestId, source: source.name });
  return queued;
};

interface Gathered {
  /** As the source's settings want them. */
  readonly letters: readonly DeadLetter[];
  /** One for each event, as its dead letter says it. */
  readonly reasons: readonly Reason[];
}

const TOGETHER: Reason = 'too_many_events';

/** A small body of thousands of zeros must not cost a message for each. */
const gather = (rejected: readonly RejectedEvent[], source: Source, requestId: string): Gathered => {
  const reasons = rejected.map(({ reason }) => reason);
  const events = rejected.filter(({ reason }) => reason !== 'invalid_json');
  const toLetter = (letter: Omit<DeadLetter, 'source'>): DeadLetter => ({
    ...letter,
    body: asDeadLetter(letter.body, source),
    source: source.name,
  });
  if (events.length <= MAX_REJECTED_EVENTS)
    return { letters: rejected.map((event) => toLetter(alone(event, source))), reasons };
  // A body that could not be read is one dead letter already, and no JSON to put among others.
  const unreadable = rejected.filter(({ reason }) => reason === 'invalid_json');
  const groups = [...Map.groupBy(events, ({ shared }) => shared).values()];
  const all = groups.map((group, index) =>
    together(group, index === 0 ? requestId : `${requestId}-${index}`),
  );
  return {
    letters: [...all, ...unreadable.map((event) => alone(event, source))].map(toLetter),
    reasons: reasons.map((reason) => (reason === 'invalid_json' ? reason : TOGETHER)),
  };
};

/** It has left its batch: its text says what that said. */
const alone = (
  { raw, body, shared, ...letter }: RejectedEvent,
  { integrationNames }: Source,
): Omit<DeadLetter, 'source'> => ({
  ...letter,
  body: textWithSharedFields(body, raw, shared, integrationNames),
});

/** One dead letter for all of them, a batch like theirs. */
const together = (rejected: readonly RejectedEvent[], messageId: string): Omit<DeadLetter, 'source'> => {
  const counts = [...Map.groupBy(rejected, ({ reason }) => reason)].map(
    ([reason, of]) => `${of.length} ${reason}`,
  );
  return {
    reason: TOGETHER,
    detail: `${rejected.length} events of one request can never work: ${counts.join(', ')}; the first: ${rejected[0]?.detail}`,
    body: batchText(
      rejected.map(({ body }) => body),
      rejected[0]?.shared,
    ),
    messageId,
    timestamp: rejected[0]?.timestamp,
  };
};
