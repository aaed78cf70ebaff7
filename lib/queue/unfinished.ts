// Events of a message that go back to the queue without the others of it: as they came, with what was filled in
// for them and how often they were tried, so that nothing tells them from events that never left.

import { isObject } from '../json/json-object';
import { isEvent } from './batch';
import { historyAttributes } from './history';
import { ATTRIBUTES, type Message, type QueuedEvent } from './message';
import { type OutgoingMessage, toIdAttribute, toSqsJson } from './outgoing-message';
import { packEvents } from './producer';

/** An event and its own text, to the last digit of a number. */
export interface UnfinishedEvent {
  readonly event: QueuedEvent;
  readonly text: string;
}

/** @param events of `message`. @param delaySeconds until they are handed out, at most SQS's 900. */
export const toPutBack = (
  message: Message,
  events: readonly UnfinishedEvent[],
  delaySeconds: number,
  now: Date,
): OutgoingMessage[] => {
  const { history, sourceName, workspaceName } = message;
  const attributes = {
    ...historyAttributes(history, now),
    ...(sourceName === undefined ? {} : { [ATTRIBUTES.source]: sourceName }),
    ...(workspaceName === undefined ? {} : { [ATTRIBUTES.workspace]: workspaceName }),
  };
  const alone = events.filter(({ event }) => needsStandIns(event));
  const together = events.filter(({ event }) => !needsStandIns(event)).map(({ text }) => toSqsJson(text));
  const messages = [
    ...alone.map(({ event, text }) => ({
      body: toSqsJson(text),
      attributes: { ...attributes, ...standIns(event) },
    })),
    ...packEvents(together, attributes),
  ];
  return messages.map((outgoing) => ({ ...outgoing, delaySeconds }));
};

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
