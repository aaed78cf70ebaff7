// The dead-letter format: one event per message, its body exactly as it came, so that moving it back to the
// event queue replays it. What an operator needs to know stands in the attributes.

import type { SQSClient } from '@aws-sdk/client-sqs';
import { REASONS, type Reason } from '../errors';
import { writeDeepJson } from '../json/write-json';
import { shorten } from '../text';
import { ATTRIBUTES } from './message';
import { escapeNoncharacters, type OutgoingMessage, toSqsText } from './outgoing-message';
import { type SendResult, sendMessages } from './producer';

export interface DeadLetter {
  /** The event as it came. With the reason `invalid_json`: the text that is no JSON. */
  readonly raw: unknown;
  /** The same as text, where there is one: taken as it is, so that not even a digit of a number changes. */
  readonly text?: string | undefined;
  readonly reason: Reason;
  /** Field and message, when known; else what the reason means stands in for it. */
  readonly detail?: string | undefined;
  /** Name of the source; undefined when the message named none. */
  readonly source: string | undefined;
  readonly messageId: string;
  /** ISO 8601. Only for an event without a time of its own, so that a redrive gives the same operation. */
  readonly timestamp?: string | undefined;
}

/** Enough for any message of Customer.io, small enough to never matter to a message's size. */
const MAX_DETAIL_CHARACTERS = 1_000;
const MAX_ID_CHARACTERS = 1_000;

export const toMessage = (deadLetter: DeadLetter, failedAt: Date): OutgoingMessage => ({
  body: toBody(deadLetter),
  attributes: withoutEmpty({
    [ATTRIBUTES.reason]: deadLetter.reason,
    [ATTRIBUTES.detail]: shorten(deadLetter.detail ?? REASONS[deadLetter.reason], MAX_DETAIL_CHARACTERS),
    [ATTRIBUTES.source]: deadLetter.source,
    [ATTRIBUTES.messageId]: shorten(deadLetter.messageId, MAX_ID_CHARACTERS),
    [ATTRIBUTES.timestamp]: deadLetter.timestamp,
    [ATTRIBUTES.failedAt]: failedAt.toISOString(),
  }),
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

const toBody = ({ raw, text, reason }: DeadLetter): string => {
  if (text !== undefined) return text;
  return reason === 'invalid_json' ? toSqsText(String(raw)) : eventToJson(raw);
};

/** Nested too deeply for `JSON.stringify` is a reason to be dead-lettered, and no reason to fail at it. */
export const eventToJson = (raw: unknown): string => escapeNoncharacters(writeDeepJson(raw));

/** SQS refuses a message with an empty attribute. */
const withoutEmpty = (attributes: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value) present[name] = toSqsText(value);
  }
  return present;
};
