// Ends the work on messages: stores the dead letters, puts back what is unfinished of a finished message, and sets
// when the others come back. Everything is stored before its message is acknowledged; were it the other way
// round, a crash between the two would lose the event. This way it can only be stored twice.

import type { Message } from '../queue/message';
import { changeVisibility } from '../queue/visibility';
import { archiveEvents } from './archive-events';
import { Deadline } from './deadline';
import { type EventInFlight, isRetried, retried } from './event-in-flight';
import { giveUp, pastOf } from './give-up';
import { park } from './parking';
import { mayGoBackApart, putBack } from './put-back';
import {
  ANSWER_RESERVE_MS,
  backoffSeconds,
  longestDelay,
  type RetryDelay,
  STORE_RESERVE_MS,
} from './retry-policy';
import type { MessageEvents } from './rounds';
import type { SettleContext } from './settle-context';
import { storeDeadLetters } from './store-dead-letters';

const UNSETTLED = retried({ kind: 'backoff' }, 'not delivered for something unexpected; the log says what');

/**
 * Sets the last outcomes: an event without one is retried, and so is a dead letter that is not stored.
 *
 * @param events all events of their messages. @returns the messages that must stay on the queue.
 */
export const settle = async (
  events: readonly EventInFlight[],
  context: SettleContext,
): Promise<ReadonlySet<Message>> => {
  for (const event of events) event.outcome ??= UNSETTLED;
  await endAll(events, context);
  const store = new Deadline(context.remainingMs, STORE_RESERVE_MS);
  const answer = new Deadline(context.remainingMs, ANSWER_RESERVE_MS);
  try {
    const byMessage = Map.groupBy(events, ({ message }) => message);
    const unfinished = await storeWhatIsFinished([...byMessage], context, store.signal);
    await setReturn(unfinished, context, answer.signal);
    return new Set(unfinished.map(([message]) => message));
  } finally {
    store.clear();
    answer.clear();
  }
};

/**
 * Archived before it is acknowledged, for its source may say that it must be. One that may not end for its line alone
 * is given up in the end as any other.
 */
const endAll = async (
  events: readonly EventInFlight[],
  { archive, remainingMs, now }: SettleContext,
): Promise<void> => {
  giveUp(events, now());
  if (archive === undefined) return;
  await archiveEvents(events, archive, remainingMs, now());
  giveUp(events, now());
};

/** @returns the messages that come back whole. */
const storeWhatIsFinished = async (
  messages: readonly MessageEvents[],
  context: SettleContext,
  deadline: AbortSignal,
): Promise<MessageEvents[]> => {
  await storeDeadLetters(messages, context, deadline);
  const unfinished = messages.filter(([, events]) => events.some(isRetried));
  const isPutBack = await putBack(unfinished.filter(mayGoBackApart), context, deadline);
  const whole = unfinished.filter((entry) => !mayGoBackApart(entry));
  const isParked = await park(whole, context, deadline);
  return unfinished.filter(([message]) => !isPutBack.has(message) && !isParked.has(message));
};

const setReturn = async (
  unfinished: readonly MessageEvents[],
  { sqs, queueUrl, random, now }: SettleContext,
  deadline: AbortSignal,
): Promise<void> => {
  const changes = unfinished.map(([message, events]) => ({
    receiptHandle: message.receiptHandle,
    visibleInSeconds: backoffSeconds(longestDelay(delaysOf(events)), pastOf(message, now()), random),
  }));
  await changeVisibility(sqs, queueUrl, changes, deadline);
};

const delaysOf = (events: readonly EventInFlight[]): RetryDelay[] =>
  events.filter(isRetried).map(({ outcome }) => outcome.delay);
