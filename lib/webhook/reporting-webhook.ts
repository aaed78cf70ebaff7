// Makes the one message that is stored for a reporting webhook, whose signature is already checked. Whatever the
// body holds there is such a message: a refusal would block the webhooks behind it.

import type { Source } from '../config/source';
import type { Reason } from '../errors';
import { isObject } from '../json/json-object';
import { translateReported } from '../mapping/to-segment/translate-reported';
import { toBatch } from '../queue/batch';
import { type DeadLetter, toMessage } from '../queue/dead-letter';
import { ATTRIBUTES } from '../queue/message';
import { type OutgoingMessage, toJson } from '../queue/outgoing-message';
import { asDeadLetter } from '../rules/as-dead-letter';

export type StoredWebhook =
  | { readonly queue: 'activity'; readonly message: OutgoingMessage }
  | { readonly queue: 'dead_letter'; readonly reason: Reason; readonly message: OutgoingMessage };

export interface Receipt {
  /** Stands in for the `event_id` that a webhook lacks, for the operator to find the request by. */
  readonly requestId: string;
  readonly receivedAt: Date;
}

/** Makes of a webhook what is stored for it. Never throws, and the message is one that SQS takes. */
export const readWebhook = (body: Buffer, source: Source, receipt: Receipt): StoredWebhook => {
  const text = body.toString();
  try {
    return translateWebhook(text, source, receipt);
  } catch (error) {
    // No JSON, or nested so deeply that it can be parsed but never be written again.
    return deadLetterText(text, error, source, receipt);
  }
};

const translateWebhook = (text: string, source: Source, receipt: Receipt): StoredWebhook => {
  const webhook: unknown = JSON.parse(text);
  const translation = translateReported(webhook, source);
  if (translation.outcome === 'event') {
    const attributes = { [ATTRIBUTES.source]: source.name };
    return { queue: 'activity', message: { body: toBatch([toJson(translation.event)]), attributes } };
  }
  const { reason, detail } = translation;
  const messageId = findEventId(webhook) ?? receipt.requestId;
  const body = asDeadLetter(text, source);
  return toDeadLetter({ body, reason, detail, source: source.name, messageId }, receipt);
};

const findEventId = (webhook: unknown): string | undefined => {
  const eventId = isObject(webhook) ? webhook['event_id'] : undefined;
  return typeof eventId === 'string' && eventId !== '' ? eventId : undefined;
};

/** Only the name of the error is told: its message quotes the body. */
const deadLetterText = (text: string, error: unknown, source: Source, receipt: Receipt): StoredWebhook => {
  const detail = `the body could not be read (${(error as Error).name})`;
  // SQS has no empty messages; an empty body is kept as an empty JSON string.
  const body = text === '' ? '""' : text;
  const { requestId: messageId } = receipt;
  return toDeadLetter({ body, reason: 'invalid_json', detail, source: source.name, messageId }, receipt);
};

const toDeadLetter = (deadLetter: DeadLetter, { receivedAt }: Receipt): StoredWebhook => {
  const { reason } = deadLetter;
  return { queue: 'dead_letter', reason, message: toMessage(deadLetter, receivedAt) };
};
