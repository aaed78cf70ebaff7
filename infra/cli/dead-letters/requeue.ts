// Puts dead letters back on their queue: sent first, and deleted only once SQS has the copy. A crash between the two
// leaves both, and both become the same operation, because the copy carries the messageId of the first.

import {
  DeleteMessageBatchCommand,
  type DeleteMessageBatchCommandOutput,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
} from '@aws-sdk/client-sqs';
import type { Reason } from '../../../lib/errors';
import { isObject } from '../../../lib/json/json-object';
import { ATTRIBUTES } from '../../../lib/queue/message';
import { MAX_GROUP_ID_LENGTH } from '../../../lib/queue/sqs-limits';
import { explainCode, Failure, inWords } from '../failure';
import type { Queue } from '../target';
import { type Letter, MOVED_BY_SQS } from './letter';

/** What SQS has done with letters; of the others it has said that it has not. */
export interface Gone {
  /** No longer among the dead letters. */
  readonly gone: readonly Letter[];
  /** Undefined when all are gone. */
  readonly refusal: Refusal | undefined;
}

export interface Refusal {
  /** What SQS did with some of them. */
  readonly did: 'did not take' | 'did not delete' | 'took, but did not delete,';
  /** Why: SQS's own word, or `NotInAnswer`. */
  readonly code: string;
}

const NONE: Gone = { gone: [], refusal: undefined };

/** At most ten. */
export const requeue = async (from: Queue, to: Queue, letters: readonly Letter[]): Promise<Gone> => {
  if (letters.length === 0) return NONE;
  const answers = await Promise.allSettled(alone(letters).map((batch) => sendCopies(to, batch)));
  const fulfilled = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const sent = fulfilled.flatMap(({ done }) => done);
  // What has its copy goes, whatever became of the others; theirs is what is told then.
  const [gone] = await Promise.allSettled([deleteLetters(from, sent).catch(sentBut(sent))]);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  if (gone.status === 'rejected') throw gone.reason;
  const notTaken = fulfilled.find(({ code }) => code !== undefined)?.code;
  if (notTaken !== undefined) return { ...gone.value, refusal: { did: 'did not take', code: notTaken } };
  const { refusal } = gone.value;
  return { ...gone.value, refusal: refusal && { ...refusal, did: 'took, but did not delete,' } };
};

/** @param which letters. @param then what to do in any case. */
export const refused = ({ did, code }: Refusal, which: string, then: string): Failure => {
  const { what, whatToDo } = explainCode(code, then);
  return new Failure(`SQS ${did} ${which}: ${what}.`, whatToDo);
};

const sentBut =
  (letters: readonly Letter[]) =>
  (error: unknown): never => {
    if (error instanceof Failure) throw error;
    throw new Failure(`${wereOf(letters)} sent, but not deleted: ${inWords(error)}`, DO_IT_AGAIN);
  };

const wereOf = ({ length }: readonly Letter[]): string =>
  length === 1 ? 'A dead letter was' : `${length} dead letters were`;

/** Codes of requests that never left. */
const NEVER_LEFT: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CredentialsProviderError'];

/** Whether SQS has refused, so that nothing was done; of an error of its own, or of none, that is not known. */
const isRefusal = (error: unknown): boolean => {
  const { $metadata: metadata, code, name } = isObject(error) ? error : {};
  const status = isObject(metadata) ? Number(metadata['httpStatusCode']) : 0;
  return (status >= 400 && status < 500) || NEVER_LEFT.includes(code) || NEVER_LEFT.includes(name);
};

/** For `catch`: what was asked of SQS and has no answer may have been done. */
const unlessRefused =
  (letters: readonly Letter[], done: string, whatToDo: string) =>
  (error: unknown): never => {
    if (isRefusal(error)) throw error;
    const which = wereOf(letters).toLowerCase();
    throw new Failure(`It is not known whether ${which} ${done}: ${inWords(error)}`, whatToDo);
  };

const MAY_BE_THERE_TWICE =
  'None is lost. Look whether they arrive before you send them once more; sent twice, they become one operation.';
const DO_IT_AGAIN = 'Do the same with those that are still there: what is sent twice becomes one operation.';

/** At most ten. */
export const deleteLetters = async ({ sqs, url }: Queue, letters: readonly Letter[]): Promise<Gone> => {
  if (letters.length === 0) return NONE;
  const Entries = letters.map(({ receiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
  }));
  const answer = await sqs
    .send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }))
    .catch(unlessRefused(letters, 'deleted', DO_IT_AGAIN));
  const { done, code } = readAnswer(answer, letters);
  return { gone: done, refusal: code === undefined ? undefined : { did: 'did not delete', code } };
};

interface Answered {
  readonly done: readonly Letter[];
  /** Why others are not. */
  readonly code: string | undefined;
}

/** SQS answers for each entry; one that it names nowhere counts as not done. */
const readAnswer = (
  { Successful: done = [], Failed: failed = [] }: BatchAnswer,
  letters: readonly Letter[],
): Answered => ({
  done: done.flatMap(({ Id }) => letters[Number(Id)] ?? []),
  code: done.length === letters.length ? undefined : (failed[0]?.Code ?? 'NotInAnswer'),
});

type BatchAnswer = Pick<
  SendMessageBatchCommandOutput | DeleteMessageBatchCommandOutput,
  'Successful' | 'Failed'
>;

/** One call takes a megabyte in all, so that large ones travel alone. */
const LARGE_BYTES = 100_000;

const alone = (letters: readonly Letter[]): Letter[][] => {
  const isLarge = ({ body }: Letter): boolean => Buffer.byteLength(body) > LARGE_BYTES;
  const small = letters.filter((letter) => !isLarge(letter));
  return [...letters.filter(isLarge).map((letter) => [letter]), ...(small.length > 0 ? [small] : [])];
};

const sendCopies = async ({ sqs, url }: Queue, letters: readonly Letter[]): Promise<Answered> => {
  const Entries = letters.map((letter, index) => ({
    Id: String(index),
    MessageBody: letter.body,
    MessageAttributes: attributesOfCopy(letter),
    MessageGroupId: letter.groupId ?? groupOf(letter.source),
  }));
  const answer = await sqs
    .send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))
    .catch(unlessRefused(letters, 'sent', MAY_BE_THERE_TWICE));
  return readAnswer(answer, letters);
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
