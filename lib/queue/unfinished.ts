// Events of a message that go back to the queue without the others of it: as they came, with what was filled in
// for them and how often they were tried, so that nothing tells them from events that never left.

import { type SharedFields, sharedMembers } from '../event/shared-fields';
import { isObject } from '../json/json-object';
import { isEvent, toBatch } from './batch';
import { historyAttributes } from './history';
import { ATTRIBUTES, type Message, type QueuedEvent } from './message';
import { type OutgoingMessage, toIdAttribute, toSqsJson } from './outgoing-message';
import { packEvents } from './producer';
import { MAX_MESSAGE_BYTES } from './sqs-limits';

/** An event and its own text, to the last digit of a number, without what its batch says of it. */
export interface UnfinishedEvent {
  readonly event: QueuedEvent;
  readonly text: string;
  /** It failed alone while others were taken, now or in an earlier invocation. */
  readonly hasFailedAlone: boolean;
}

/**
 * What the batch of the message says of its events, each new message says again. Were it written into the events, the
 * names that a source gives to Customer.io would decide what it means, and they may not be known now.
 *
 * @param events of `message`. @param delaySeconds until they are handed out, at most SQS's 900.
 */
export const toPutBack = (
  message: Message,
  events: readonly UnfinishedEvent[],
  delaySeconds: number,
  now: Date,
): OutgoingMessage[] => {
  const { sourceName, workspaceName, redrivenBy } = message;
  // A dead letter that was moved back stays one: of its time nothing else is known than its attributes say.
  const isRedriven = message.redriven === 'event';
  const isAlone = ({ event }: UnfinishedEvent): boolean => isRedriven || needsStandIns(event);
  const attributesOf = (those: readonly UnfinishedEvent[]) => ({
    ...historyAttributes({ ...message.history, failedAlone: positionsOfBlamed(those) }, now),
    ...(isRedriven ? redrivenBy : {}),
    ...(sourceName === undefined ? {} : { [ATTRIBUTES.source]: sourceName }),
    ...(workspaceName === undefined ? {} : { [ATTRIBUTES.workspace]: workspaceName }),
  });
  const shared = textOfShared(events[0]?.event.shared);
  const alone = events.filter(isAlone).map((one) => {
    const text = toSqsJson(one.text);
    const attributes = { ...attributesOf([one]), ...standIns(one.event) };
    return { body: shared === '' ? text : toBatch([text], shared), attributes };
  });
  const together = events.filter((one) => !isAlone(one));
  return [...alone, ...pack(together, attributesOf, shared)].map((outgoing) => ({
    ...outgoing,
    delaySeconds,
  }));
};

/** In one message where that is possible: of two, the second might arrive first. */
const pack = (
  events: readonly UnfinishedEvent[],
  attributesOf: (those: readonly UnfinishedEvent[]) => OutgoingMessage['attributes'],
  shared: string,
): OutgoingMessage[] => {
  const texts = events.map(({ text }) => toSqsJson(text));
  let start = 0;
  return packEvents(texts, attributesOf(events), shared, MAX_MESSAGE_BYTES).map(({ body, eventCount }) => {
    const attributes = attributesOf(events.slice(start, start + eventCount));
    start += eventCount;
    return { body, attributes };
  });
};

const positionsOfBlamed = (events: readonly UnfinishedEvent[]): number[] =>
  events.flatMap(({ hasFailedAlone }, position) => (hasFailedAlone ? [position] : []));

const textOfShared = (shared: SharedFields | undefined): string =>
  shared === undefined
    ? ''
    : toSqsJson(
        sharedMembers(shared)
          .map(([name, value]) => `,"${name}":${value}`)
          .join(''),
      );

/**
 * Whether the event needs what was filled in for it, and so a message of its own whose attributes carry that. What
 * has no type is no event that could be delivered, and alone it might be read as something else.
 */
const needsStandIns = ({ raw, messageId, timestampStandIn }: QueuedEvent): boolean =>
  isObject(raw) && isEvent(raw) && (raw['messageId'] !== messageId || timestampStandIn !== undefined);

const standIns = ({ messageId, timestampStandIn }: QueuedEvent): Record<string, string> => ({
  [ATTRIBUTES.messageId]: toIdAttribute(messageId),
  ...(timestampStandIn === undefined ? {} : { [ATTRIBUTES.timestamp]: timestampStandIn }),
});
