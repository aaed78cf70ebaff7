// Puts the unfinished events of a message back as messages of their own, so that what is finished is not done again
// with them. A message of which nothing is finished is left where it is, and comes back whole,
// unless it is parked (parking.ts).

import { readEvents, readOwnTexts } from '../queue/message';
import type { OutgoingMessage } from '../queue/outgoing-message';
import { sendMessages } from '../queue/producer';
import { toPutBack } from '../queue/unfinished';
import { isRetried, type RetriedEvent } from './event-in-flight';
import { pastOf } from './give-up';
import { backoffSeconds, isBlamed, LAST_RECEIVE, longestDelay, MAX_DELAY_SECONDS } from './retry-policy';
import { inRounds, type MessageEvents } from './rounds';
import type { SettleContext } from './settle-context';

export type PutBackContext = Omit<SettleContext, 'deadLetterQueueUrl'>;

/**
 * @returns the messages all of whose unfinished events are on the queue again: only they may be acknowledged.
 *   Where SQS does not take one, its message comes back whole.
 */
export const putBack = async (
  unfinished: readonly MessageEvents[],
  context: PutBackContext,
  deadline: AbortSignal,
): Promise<ReadonlySet<MessageEvents[0]>> => {
  const done = new Set<MessageEvents[0]>();
  await inRounds(unfinished, context.remainingMs, async (round) => {
    for (const message of await putBackRound(round, context, deadline)) done.add(message);
  });
  return done;
};

/**
 * Whether the unfinished events may go back without their message: others of it are finished; or there is something
 * new to write down of one, which SQS takes for a new message only; or SQS, which counts a message's receives, would
 * soon move it away although its events were never tried to the end.
 */
export const mayGoBackApart = ([message, events]: MessageEvents): boolean =>
  message.history.receives >= LAST_RECEIVE ||
  events.some((event) => !isRetried(event) || isNewlyBlamed(event));

const isNewlyBlamed = ({ outcome: { delay }, message: { history }, index }: RetriedEvent): boolean =>
  isBlamed(delay) && !(delay.kind === 'culprit' ? history.isCulprit : history.failedAlone.includes(index));

const putBackRound = async (
  round: readonly MessageEvents[],
  context: PutBackContext,
  deadline: AbortSignal,
): Promise<MessageEvents[0][]> => {
  const outgoing = round.flatMap((entry) =>
    toMessages(entry, context).map((message) => ({ message, of: entry[0] })),
  );
  const messages = outgoing.map(({ message }) => message);
  const { notSent } = await sendMessages(context.sqs, context.queueUrl, messages, deadline);
  const incomplete = new Set(notSent.map((position) => outgoing[position]?.of));
  return [...new Set(outgoing.map(({ of }) => of))].filter((message) => !incomplete.has(message));
};

/**
 * The messages that carry the unfinished events; none for a message whose events cannot be taken. They stay in its
 * group, as those of an import must, or come into that of the source it means, though it may name none.
 */
const toMessages = ([message, events]: MessageEvents, { now, random }: PutBackContext): OutgoingMessage[] => {
  const queued = readEvents(message);
  if (queued.some(({ fault }) => fault !== undefined)) return [];
  const texts = readOwnTexts(message, queued);
  return [...Map.groupBy(events.filter(isRetried), travelKeyOf).values()].flatMap((together) => {
    const delay = longestDelay(together.map(({ outcome }) => outcome.delay));
    const seconds = backoffSeconds(delay, pastOf(message, now()), random);
    const isCulprit = message.history.isCulprit || delay.kind === 'culprit';
    const own = together.flatMap(({ index, outcome }) => {
      const [event, text] = [queued[index], texts[index]];
      const hasFailedAlone =
        !isCulprit && (message.history.failedAlone.includes(index) || isBlamed(outcome.delay));
      return event === undefined || text === undefined ? [] : { event, text, hasFailedAlone };
    });
    const history = { ...message.history, isCulprit };
    const source = together[0]?.source;
    const workspaceName = source?.workspace ?? message.workspaceName;
    const putBack = toPutBack(
      { ...message, history, workspaceName },
      own,
      Math.min(MAX_DELAY_SECONDS, seconds),
      now(),
    );
    const group = message.group ?? source?.name;
    return group === undefined ? putBack : putBack.map((one) => ({ ...one, group }));
  });
};

/**
 * Events for one workspace travel together, however long each would wait: those of one person must not overtake each
 * other. A culprit stands alone from here on.
 */
const travelKeyOf = ({ outcome: { delay }, source, index }: RetriedEvent): string =>
  JSON.stringify([source?.workspace, ...(delay.kind === 'culprit' ? [index] : [])]);
