// Returns messages that cannot be relayed with the settings at hand: they come back after a while, and again for as
// long as it takes. One that SQS would soon move to the dead-letter queue, without a reason, is put on the queue
// anew, and so are all of them once they are so many that SQS would soon hand out no others.

import type { SQSClient } from '@aws-sdk/client-sqs';
import { describeError, logger } from '../observability';
import { type Message, readEvents } from '../queue/message';
import { changeVisibility } from '../queue/visibility';
import { Deadline } from './deadline';
import { type EventInFlight, retried } from './event-in-flight';
import { pastOf } from './give-up';
import { park } from './parking';
import { mayGoBackApart, putBack } from './put-back';
import { ANSWER_RESERVE_MS, backoffSeconds, STORE_RESERVE_MS } from './retry-policy';
import type { MessageEvents } from './rounds';
import type { WaitingMessage } from './source-at-hand';

export interface ReturnContext {
  readonly sqs: SQSClient;
  readonly queueUrl: () => string;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMs: () => number;
}

type Waiting = Pick<WaitingMessage, 'message' | 'delay'>;

/**
 * Never rejects, and ends before the invocation does: what is not put back comes back by itself.
 *
 * @returns the messages that must stay on the queue.
 */
export const returnLater = async <W extends Waiting>(
  waiting: readonly W[],
  context: ReturnContext,
): Promise<readonly W[]> => {
  const store = new Deadline(context.remainingMs, STORE_RESERVE_MS);
  const answer = new Deadline(context.remainingMs, ANSWER_RESERVE_MS);
  try {
    const isPutBack = await putBackSome(waiting, context, store.signal);
    const staying = waiting.filter(({ message }) => !isPutBack.has(message));
    await setReturn(staying, context, answer.signal);
    return staying;
  } catch (error) {
    // Without a queue URL the queue's own visibility timeout brings them back.
    logger.warn('Messages come back after the visibility timeout', describeError(error));
    return waiting;
  } finally {
    store.clear();
    answer.clear();
  }
};

/** The old ones, and those that are parked. */
const putBackSome = async (
  waiting: readonly Waiting[],
  { sqs, queueUrl, remainingMs }: ReturnContext,
  deadline: AbortSignal,
): Promise<ReadonlySet<Message>> => {
  const context = { sqs, queueUrl: queueUrl(), remainingMs, random: Math.random, now: () => new Date() };
  const unfinished = waiting.map(toUnfinished);
  const isPutBack = await putBack(unfinished.filter(mayGoBackApart), context, deadline);
  const whole = unfinished.filter((entry) => !mayGoBackApart(entry));
  const isParked = await park(whole, context, deadline);
  return new Set([...isPutBack, ...isParked]);
};

const toUnfinished = ({ message, delay }: Waiting): MessageEvents => [
  message,
  readEvents(message).map(
    (_, index): EventInFlight => ({
      message,
      index,
      source: undefined,
      ownNames: [],
      items: [],
      isTimestampReplaced: false,
      outcome: retried(delay, 'the settings cannot be used'),
    }),
  ),
];

const setReturn = async (
  staying: readonly Waiting[],
  { sqs, queueUrl }: ReturnContext,
  deadline: AbortSignal,
): Promise<void> => {
  const now = new Date();
  const changes = staying.map(({ message, delay }) => ({
    receiptHandle: message.receiptHandle,
    visibleInSeconds: backoffSeconds(delay, pastOf(message, now), Math.random),
  }));
  await changeVisibility(sqs, queueUrl(), changes, deadline);
};
