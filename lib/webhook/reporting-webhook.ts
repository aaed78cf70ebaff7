// From the body of a reporting webhook, its signature already checked, to the one message that is stored
// for it. Whatever the body holds there is such a message: a refusal would block the webhooks behind it.

import type { Source } from '../config/source';
import type { Reason } from '../errors';
import { isObject } from '../json/json-object';
import { translateActivity } from '../mapping/to-segment/translate-activity';
import { type DeadLetter, toMessage } from '../queue/dead-letter';
import { ATTRIBUTES } from '../queue/message';
import { messageBytes, type OutgoingMessage, toJson } from '../queue/outgoing-message';
import { MAX_MESSAGE_BYTES } from '../queue/sqs-limits';

export type StoredWebhook =
  | { readonly queue: 'activity'; readonly message: OutgoingMessage }
  | { readonly queue: 'dead_letter'; readonly reason: Reason; readonly message: OutgoingMessage };

export interface Receipt {
  /** Stands in for the `event_id` that a webhook lacks, for the operator to find the request by. */
  readonly requestId: string;
  readonly receivedAt: Date;
}

/** Never throws, and its message is one that SQS takes. */
export const readWebhook = (body: Buffer, source: Source, receipt: Receipt): StoredWebhook => {
  const text = body.toString();
  try {
    return translateWebhook(JSON.parse(text), source, receipt);
  } catch (error) {
    // No JSON, or nested so deeply that it can be parsed but never be written again.
    return deadLetterText(text, error, source, receipt);
  }
};

const translateWebhook = (webhook: unknown, source: Source, receipt: Receipt): StoredWebhook => {
  const translation = translateActivity(webhook, source);
  if (translation.outcome === 'event') {
    const attributes = { [ATTRIBUTES.source]: source.name };
    return { queue: 'activity', message: { body: toJson(translation.event), attributes } };
  }
  const { reason, detail } = translation;
  const messageId = findEventId(webhook) ?? receipt.requestId;
  return toDeadLetter({ raw: webhook, reason, detail, source: source.name, messageId }, receipt);
};

const findEventId = (webhook: unknown): string | undefined => {
  const eventId = isObject(webhook) ? webhook['event_id'] : undefined;
  return typeof eventId === 'string' && eventId !== '' ? eventId : undefined;
};

/** Of the error only the name: its message quotes the body. */
const deadLetterText = (text: string, error: unknown, source: Source, receipt: Receipt): StoredWebhook => {
  const detail = `the body could not be read (${(error as Error).name})`;
  // SQS has no empty messages; an empty body is kept as an empty JSON string.
  const raw = text === '' ? '""' : text;
  const { requestId: messageId } = receipt;
  return toDeadLetter({ raw, reason: 'invalid_json', detail, source: source.name, messageId }, receipt);
};

const toDeadLetter = (deadLetter: DeadLetter, { receivedAt }: Receipt): StoredWebhook => {
  const { reason } = deadLetter;
  const message = toMessage(deadLetter, receivedAt);
  if (messageBytes(message) <= MAX_MESSAGE_BYTES) return { queue: 'dead_letter', reason, message };
  const detail = `${deadLetter.detail}; cut from ${Buffer.byteLength(message.body)} bytes`;
  const { attributes } = toMessage({ ...deadLetter, detail }, receivedAt);
  return { queue: 'dead_letter', reason, message: cutToFit({ body: message.body, attributes }) };
};

/** A character cut in half becomes U+FFFD, at most two bytes longer than what was left of it. */
const MAX_CUT_GROWTH_BYTES = 2;

const cutToFit = ({ body, attributes }: OutgoingMessage): OutgoingMessage => {
  const free = MAX_MESSAGE_BYTES - messageBytes({ body: '', attributes }) - MAX_CUT_GROWTH_BYTES;
  return { body: Buffer.from(body).subarray(0, free).toString(), attributes };
};
