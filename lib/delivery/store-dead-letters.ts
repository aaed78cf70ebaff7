// Stores the dead letters of messages. An event whose dead letter is not stored is retried.

import { type DeadLetter, sendDeadLetters } from '../queue/dead-letter';
import { type Message, readEvents, readTexts } from '../queue/message';
import type { AsDeadLetter } from './connector';
import { type EventInFlight, retried } from './event-in-flight';
import { inRounds, type MessageEvents } from './rounds';
import type { SettleContext } from './settle-context';

/** A dead letter there is no time for is retried at once; the next invocation has less to store. */
const NO_TIME = retried({ kind: 'at_once' }, 'no time was left to store the dead letter');
const NOT_STORED = retried({ kind: 'backoff' }, 'the dead letter could not be stored');

export const storeDeadLetters = async (
  messages: readonly MessageEvents[],
  context: SettleContext,
  deadline: AbortSignal,
): Promise<void> => {
  const failedAt = context.now();
  const withDead = messages.filter(([, events]) => events.some(isDead));
  const late = await inRounds(withDead, context.remainingMs, (round) =>
    storeRound(round, failedAt, context, deadline),
  );
  for (const event of late.flatMap(([, events]) => events)) if (isDead(event)) event.outcome = NO_TIME;
};

const isDead = ({ outcome }: EventInFlight): boolean => outcome?.kind === 'dead_lettered';

const storeRound = async (
  round: readonly MessageEvents[],
  failedAt: Date,
  { sqs, deadLetterQueueUrl, asDeadLetter }: SettleContext,
  deadline: AbortSignal,
): Promise<void> => {
  const dead = round.flatMap(([message, events]) => toDeadLetters(message, events, asDeadLetter));
  const deadLetters = dead.map(({ deadLetter }) => deadLetter);
  const { notSent } = await sendDeadLetters(sqs, deadLetterQueueUrl, deadLetters, failedAt, deadline);
  for (const index of notSent) {
    const event = dead[index]?.event;
    if (event !== undefined) event.outcome = NOT_STORED;
  }
};

interface Dead {
  readonly event: EventInFlight;
  readonly deadLetter: DeadLetter;
}

/** The message is read once for all of them: it may hold thousands. */
const toDeadLetters = (
  message: Message,
  events: readonly EventInFlight[],
  asDeadLetter: AsDeadLetter | undefined,
): Dead[] => {
  const ownNames = events[0]?.ownNames;
  const queued = readEvents(message, ownNames);
  const texts = readTexts(message, queued, ownNames);
  return events.flatMap((event) => {
    const { source, outcome, index } = event;
    if (outcome?.kind !== 'dead_lettered') return [];
    const { reason, detail } = outcome;
    // Both exist for every event that was taken from the message. Should one be missing, the whole message is kept.
    const { messageId, timestampStandIn: timestamp } = queued[index] ?? { messageId: message.idBase };
    const text = texts[index] ?? message.body;
    const body = source === undefined ? text : (asDeadLetter?.(text, source) ?? text);
    const addressed = {
      source: source?.name ?? message.sourceName,
      workspace: source?.workspace ?? message.workspaceName,
      reason,
      detail,
    };
    return { event, deadLetter: { ...addressed, body, messageId, timestamp } };
  });
};
