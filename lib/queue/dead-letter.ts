// The dead-letter format: one event per message, its body exactly as it came, so that moving it back to the
// event queue replays it. What an operator needs to know stands in the attributes.

import type { SQSClient } from '@aws-sdk/client-sqs';
import { REASONS, type Reason } from '../errors';
import { cutToBytes, shorten } from '../text';
import { ATTRIBUTES } from './message';
import {
  attributeBytes,
  messageBytes,
  type OutgoingMessage,
  toIdAttribute,
  toSqsJson,
  toSqsText,
} from './outgoing-message';
import { type SendResult, sendMessages } from './producer';
import { MAX_MESSAGE_BYTES } from './sqs-limits';

export interface DeadLetter {
  /** The event's own JSON, to the last digit of a number. With the reason `invalid_json`: the text that is none. */
  readonly body: string;
  readonly reason: Reason;
  /** Field and message, when known; else what the reason means stands in for it. */
  readonly detail?: string | undefined;
  /** Name of the source; undefined when the message named none. */
  readonly source: string | undefined;
  /** The destination it was given up for, of a source that has several: replayed, it goes there alone. */
  readonly workspace?: string | undefined;
  readonly messageId: string;
  /** ISO 8601. Only for an event without a time of its own, so that a redrive gives the same operation. */
  readonly timestamp?: string | undefined;
}

/** Enough for any message of Customer.io, small enough to never matter to a message's size. */
const MAX_DETAIL_CHARACTERS = 1_000;

/** A message that SQS takes: a body that is too large even so is cut, and `detail` says it. */
export const toMessage = (deadLetter: DeadLetter, failedAt: Date): OutgoingMessage => {
  const { reason } = deadLetter;
  const detail = deadLetter.detail ?? REASONS[reason];
  const body = reason === 'invalid_json' ? toSqsText(deadLetter.body) : toSqsJson(deadLetter.body);
  const message = {
    body,
    attributes: attributesOf(deadLetter, shorten(detail, MAX_DETAIL_CHARACTERS), failedAt),
  };
  if (messageBytes(message) <= MAX_MESSAGE_BYTES) return message;
  const cut = `; cut from ${Buffer.byteLength(body)} bytes`;
  const attributes = attributesOf(deadLetter, `${shorten(detail, MAX_DETAIL_CHARACTERS)}${cut}`, failedAt);
  return { body: cutToBytes(body, MAX_MESSAGE_BYTES - attributeBytes(attributes)), attributes };
};

const attributesOf = (deadLetter: DeadLetter, detail: string, failedAt: Date): Record<string, string> =>
  withoutEmpty({
    [ATTRIBUTES.reason]: deadLetter.reason,
    [ATTRIBUTES.detail]: detail,
    [ATTRIBUTES.source]: deadLetter.source,
    [ATTRIBUTES.workspace]: deadLetter.workspace,
    [ATTRIBUTES.messageId]: toIdAttribute(deadLetter.messageId),
    [ATTRIBUTES.timestamp]: deadLetter.timestamp,
    [ATTRIBUTES.failedAt]: failedAt.toISOString(),
  });

/** Stores dead letters. An event may be given up only when its position is not in the result's `notSent`. */
export const sendDeadLetters = (
  sqs: SQSClient,
  queueUrl: string,
  deadLetters: readonly DeadLetter[],
  failedAt: Date,
  deadline?: AbortSignal,
): Promise<SendResult> => {
  const messages = deadLetters.map((deadLetter) => toMessage(deadLetter, failedAt));
  return sendMessages(sqs, queueUrl, messages, deadline);
};

/** SQS refuses a message with an empty attribute. */
const withoutEmpty = (attributes: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value) present[name] = toSqsText(value);
  }
  return present;
};
