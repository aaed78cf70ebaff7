// Ends an invocation: stores the dead letters, sets when unfinished messages come back, and names them to
// Lambda. A dead letter is stored before its message is acknowledged; were it the other way round, a crash
// between the two would lose the event. This way it can only be stored twice.

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { type DeadLetter, sendDeadLetters } from '../queue/dead-letter';
import { type Message, readEvents, readTexts } from '../queue/message';
import { changeVisibility } from '../queue/visibility';
import type { EventInFlight } from './event-in-flight';
import { backoffSeconds, type Random, type RetryDelay } from './retry-policy';

export interface SettleContext {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMs: () => number;
  readonly random: Random;
  readonly now: () => Date;
}

/** Dead letters are made and stored for so much of message text at a time: parsed, it takes five times that. */
const MAX_ROUND_CHARACTERS = 262_144;
/** A round that starts later might be cut off by the end of the invocation, and the answer with it. */
const LAST_ROUND_MS = 3_000;

const AT_ONCE: RetryDelay = { kind: 'at_once' };
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
  await storeDeadLetters(byMessage, context);

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
  if (delay !== undefined) retryDeadLetters(events, delay);
};

const retryDeadLetters = (events: readonly EventInFlight[], delay: RetryDelay): void => {
  for (const event of events) {
    if (isDead(event)) event.outcome = { kind: 'retried', delay };
  }
};

const isDead = ({ outcome }: EventInFlight): boolean => outcome?.kind === 'dead_lettered';

type MessageEvents = readonly [message: Message, events: readonly EventInFlight[]];

/** What there is no time for is retried at once; the next invocation has less to store. */
const storeDeadLetters = async (
  byMessage: ReadonlyMap<Message, readonly EventInFlight[]>,
  context: SettleContext,
): Promise<void> => {
  const failedAt = context.now();
  const withDead = [...byMessage].filter(([, events]) => events.some(isDead));
  for (const round of toRounds(withDead)) {
    if (context.remainingMs() >= LAST_ROUND_MS) await storeRound(round, failedAt, context);
    else postponeRound(round);
  }
};

const postponeRound = (round: readonly MessageEvents[]): void => {
  for (const [, events] of round) retryDeadLetters(events, AT_ONCE);
};

const toRounds = (messages: readonly MessageEvents[]): MessageEvents[][] => {
  const rounds: MessageEvents[][] = [];
  let characters = Infinity;
  for (const entry of messages) {
    const { length } = entry[0].body;
    if (characters + length > MAX_ROUND_CHARACTERS) {
      rounds.push([]);
      characters = 0;
    }
    rounds.at(-1)?.push(entry);
    characters += length;
  }
  return rounds;
};

const storeRound = async (
  round: readonly MessageEvents[],
  failedAt: Date,
  { sqs, deadLetterQueueUrl }: SettleContext,
): Promise<void> => {
  const dead = round.flatMap(([message, events]) =>
    toDeadLetters(message, events).map((deadLetter) => ({ deadLetter, events })),
  );
  const deadLetters = dead.map(({ deadLetter }) => deadLetter);
  const { notSent } = await sendDeadLetters(sqs, deadLetterQueueUrl, deadLetters, failedAt);
  for (const index of notSent) retryDeadLetters(dead[index]?.events ?? [], BACKOFF);
};

/** The message is read once for all of them: it may hold thousands. */
const toDeadLetters = (message: Message, events: readonly EventInFlight[]): DeadLetter[] => {
  const queued = readEvents(message);
  const texts = readTexts(message, queued);
  return events.flatMap(({ source, outcome, index }) => {
    if (outcome?.kind !== 'dead_lettered') return [];
    const { reason, detail } = outcome;
    // Both are there for every event that was taken from the message; were they not, the whole of it is kept.
    const { messageId, timestampStandIn: timestamp } = queued[index] ?? { messageId: message.idBase };
    const body = texts[index] ?? message.body;
    return { body, reason, detail, source: source?.name ?? message.sourceName, messageId, timestamp };
  });
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
