// A dead letter as an operator sees it. Its body and attributes are kept exactly as they are on the queue.

import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { batchIn } from '../../../lib/queue/batch';
import { ATTRIBUTES } from '../../../lib/queue/message';
import { peopleOf } from '../people';
import { fieldOf } from './field';

export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

export interface Letter {
  readonly sqsMessageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly sentAtMs: number;
  readonly reason: string;
  readonly detail: string | undefined;
  /** What the detail is about, where it names one. */
  readonly field: string | undefined;
  readonly source: string | undefined;
  /** The one it goes back to, where its source has several. */
  readonly workspace: string | undefined;
  readonly messageId: string | undefined;
  readonly failedAtMs: number;
  /** Every id that the event names its person by. */
  readonly people: readonly string[];
}

/** Stands for the reason of a message that SQS moved by itself, which has none. */
export const MOVED_BY_SQS = 'moved_by_sqs';

export const readLetter = (message: Message): Letter => {
  const { MessageId = '', ReceiptHandle = '', Body = '', MessageAttributes = {}, Attributes = {} } = message;
  const textOf = (name: string): string | undefined => MessageAttributes[name]?.StringValue;
  const sentAtMs = Number(Attributes.SentTimestamp ?? 0);
  const detail = textOf(ATTRIBUTES.detail);
  return {
    sqsMessageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: MessageAttributes,
    groupId: Attributes.MessageGroupId,
    sentAtMs,
    reason: textOf(ATTRIBUTES.reason) ?? MOVED_BY_SQS,
    detail,
    field: fieldOf(detail),
    source: textOf(ATTRIBUTES.source),
    workspace: textOf(ATTRIBUTES.workspace),
    messageId: textOf(ATTRIBUTES.messageId),
    failedAtMs: Date.parse(textOf(ATTRIBUTES.failedAt) ?? '') || sentAtMs,
    people: peopleIn(Body),
  };
};

const peopleIn = (body: string): string[] => {
  try {
    const parsed: unknown = JSON.parse(body);
    return [...new Set((batchIn(parsed) ?? [parsed]).flatMap(peopleOf))];
  } catch {
    return [];
  }
};
