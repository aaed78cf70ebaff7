// Puts dead letters back on their queue: sent first, and deleted only once SQS has the copy. A crash between the two
// leaves both, and both become the same operation, because the copy carries the messageId of the first.

import {
  DeleteMessageBatchCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { Reason } from '../../../lib/errors';
import { ATTRIBUTES } from '../../../lib/queue/message';
import { MAX_GROUP_ID_LENGTH } from '../../../lib/queue/sqs-limits';
import type { Queue } from '../target';
import { type Letter, MOVED_BY_SQS } from './letter';

/** At most ten. Resolves to those that are no longer among the dead letters. */
export const requeue = async (from: Queue, to: Queue, letters: readonly Letter[]): Promise<Letter[]> => {
  if (letters.length === 0) return [];
  const answers = await Promise.all(alone(letters).map((batch) => sendCopies(to, batch)));
  return deleteLetters(from, answers.flat());
};

/** At most ten. Resolves to those that SQS says are gone. */
export const deleteLetters = async ({ sqs, url }: Queue, letters: readonly Letter[]): Promise<Letter[]> => {
  if (letters.length === 0) return [];
  const Entries = letters.map(({ receiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
  }));
  const { Successful: gone = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  return gone.flatMap(({ Id }) => letters[Number(Id)] ?? []);
};

/** One call takes a megabyte in all, so that large ones travel alone. */
const LARGE_BYTES = 100_000;

const alone = (letters: readonly Letter[]): Letter[][] => {
  const isLarge = ({ body }: Letter): boolean => Buffer.byteLength(body) > LARGE_BYTES;
  const small = letters.filter((letter) => !isLarge(letter));
  return [...letters.filter(isLarge).map((letter) => [letter]), ...(small.length > 0 ? [small] : [])];
};

const sendCopies = async ({ sqs, url }: Queue, letters: readonly Letter[]): Promise<Letter[]> => {
  const Entries = letters.map((letter, index) => ({
    Id: String(index),
    MessageBody: letter.body,
    MessageAttributes: attributesOfCopy(letter),
    MessageGroupId: letter.groupId ?? groupOf(letter.source),
  }));
  const { Successful: sent = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  return sent.flatMap(({ Id }) => letters[Number(Id)] ?? []);
};

const GROUP_ID = new RegExp(`^[!-~]{1,${MAX_GROUP_ID_LENGTH}}$`);

/** The message group, as the producer has it; a message put by hand may name as its source what is no group. */
const groupOf = (source: string | undefined): string | undefined =>
  source !== undefined && GROUP_ID.test(source) ? source : undefined;

/** What makes lib/queue/message.ts take its stand-ins from the attributes, for all events of a message. */
const WHOLE_MESSAGE: Reason = 'too_many_events';

/**
 * As they are. A message that SQS moved has no attributes of ours: its id and time stood in for what its events lack,
 * and a copy would have others.
 */
const attributesOfCopy = (letter: Letter): Record<string, MessageAttributeValue> => {
  if (letter.reason !== MOVED_BY_SQS) return { ...letter.attributes };
  return {
    [ATTRIBUTES.reason]: text(WHOLE_MESSAGE),
    [ATTRIBUTES.messageId]: text(letter.sqsMessageId),
    [ATTRIBUTES.timestamp]: text(new Date(letter.sentAtMs).toISOString()),
    [ATTRIBUTES.failedAt]: text(new Date(letter.failedAtMs).toISOString()),
    ...letter.attributes,
  };
};

const text = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value });
