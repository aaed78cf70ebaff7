// Ends an invocation: stores the dead letters, sets when unfinished messages come back, and names them to
// Lambda. A dead letter is stored before its message is acknowledged; were it the other way round, a crash
// between the two would lose the event. This way it can only be stored twice.

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { type DeadLetter, sendDeadLetters } from '../queue/dead-letter';
import { type Message, readEvents } from '../queue/message';
import { changeVisibility } from '../queue/visibility';
import type { EventInFlight } from './event-in-flight';
import { backoffSeconds, type Random, type RetryDelay } from './retry-policy';

export interface SettleContext {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly random: Random;
  readonly now: () => Date;
}

const BACKOFF: RetryDelay = { kind: 'backoff' };

/** Sets the last outcomes: an event without one is retried, and so is a dead letter that is not stored. */
export const settle = async (
  messages: readonly Message[],
  events: readonly EventInFlight[],
  context: SettleContext,
): Promise<SQSBatchResponse> => {
  for (const event of events) event.outcome ??= { kind: 'retried', delay: BACKOFF };
  const byMessage = Map.groupBy(events, (event) => event.message);
  for (const ofMessage of byMessage.values()) postponeDeadLetters(ofMessage);
  await storeDeadLetters(events, byMessage, context);

  const unfinished = messages.flatMap((message) => {
    const delay = longestDelay(byMessage.get(message) ?? []);
    return delay === undefined ? [] : [{ message, delay }];
  });
  const changes = unfinished.map(({ message, delay }) => ({
    receiptHandle: message.receiptHandle,
    visibleInSeconds: backoffSeconds(delay, message.receiveCount, context.random),
  }));
  await changeVisibility(context.sqs, context.queueUrl, changes);
  return { batchItemFailures: unfinished.map(({ message }) => ({ itemIdentifier: message.sqsMessageId })) };
};

/** A message that comes back brings all its events again: dead-lettered now, they would be so twice. */
const postponeDeadLetters = (events: readonly EventInFlight[]): void => {
  const delay = longestDelay(events);
  if (delay === undefined) return;
  for (const event of events) {
    if (event.outcome?.kind === 'dead_lettered') event.outcome = { kind: 'retried', delay };
  }
};

const storeDeadLetters = async (
  events: readonly EventInFlight[],
  byMessage: ReadonlyMap<Message, readonly EventInFlight[]>,
  context: SettleContext,
): Promise<void> => {
  const failedAt = context.now();
  const dead = events.filter((event) => event.outcome?.kind === 'dead_lettered');
  if (dead.length === 0) return;
  const deadLetters = dead.map(toDeadLetter);
  const { notSent } = await sendDeadLetters(context.sqs, context.deadLetterQueueUrl, deadLetters, failedAt);
  for (const index of notSent) {
    const event = dead[index];
    if (event === undefined) continue;
    event.outcome = { kind: 'retried', delay: BACKOFF };
    postponeDeadLetters(byMessage.get(event.message) ?? []);
  }
};

const toDeadLetter = ({ message, index, source, outcome }: EventInFlight): DeadLetter => {
  if (outcome?.kind !== 'dead_lettered') throw new Error('Only a dead-lettered event becomes a dead letter.');
  const { reason, detail } = outcome;
  const addressed = { source: source?.name ?? message.sourceName, reason, detail };
  const queued = readEvents(message)?.[index];
  if (queued === undefined)
    return { ...addressed, raw: message.body, messageId: `${message.sqsMessageId}-${index}` };
  return { ...addressed, raw: queued.raw, messageId: queued.messageId, timestamp: queued.timestampStandIn };
};

const RANK = { at_once: 0, backoff: 1, operator: 2 } as const;

/** The longest of a message's delays; undefined when none of its events is retried. */
const longestDelay = (events: readonly EventInFlight[]): RetryDelay | undefined => {
  let longest: RetryDelay | undefined;
  for (const { outcome } of events) {
    if (outcome?.kind !== 'retried') continue;
    if (longest === undefined || RANK[outcome.delay.kind] > RANK[longest.kind]) longest = outcome.delay;
  }
  return longest;
};
