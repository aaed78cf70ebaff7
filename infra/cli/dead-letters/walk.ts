// Looks at every message of a queue without consuming one: what was received and not taken out is put back, also
// when the walk fails or is interrupted. After a crash the visibility timeout puts it back.

import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { MAX_BATCH_ENTRIES } from '../../../lib/queue/sqs-limits';
import { changeVisibility } from '../../../lib/queue/visibility';
import type { Queue } from '../target';
import { type Letter, readLetter } from './letter';

/** Enough for a walk over many; a crash hides what it held for as long. */
export const PEEK_SECONDS = 120;
/** Long polling asks all of SQS's servers, so that an empty answer means an empty queue. */
const WAIT_SECONDS = 1;

/** What `visit` says of the letters: those that are no longer on the queue. */
export type Visit = (letters: readonly Letter[]) => Promise<readonly Letter[]>;

/**
 * Each message once, in no order, as they come from SQS. One that arrived after the walk began is left alone: it may
 * be one that has just been retried and failed again.
 *
 * @param isFound ends the walk before it has seen all.
 */
export const walk = async (
  queue: Queue,
  signal: AbortSignal,
  visit: Visit,
  isFound: () => boolean = () => false,
): Promise<void> => {
  const startedAtMs = Date.now();
  const held = new Map<string, string>();
  const seen = new Set<string>();
  try {
    for (;;) {
      signal.throwIfAborted();
      const letters = await receive(queue, signal);
      for (const letter of letters) held.set(letter.sqsMessageId, letter.receiptHandle);
      const fresh = letters.filter(({ sqsMessageId }) => !seen.has(sqsMessageId));
      // Those that come a second time have waited out their visibility: the walk has come round.
      if (fresh.length === 0) return;
      for (const { sqsMessageId } of fresh) seen.add(sqsMessageId);
      const taken = await visit(fresh.filter(({ sentAtMs }) => sentAtMs <= startedAtMs));
      for (const { sqsMessageId } of taken) held.delete(sqsMessageId);
      if (isFound()) return;
    }
  } finally {
    await putBack(queue, [...held.values()]);
  }
};

const receive = async ({ sqs, url }: Queue, signal: AbortSignal): Promise<Letter[]> => {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: MAX_BATCH_ENTRIES,
    VisibilityTimeout: PEEK_SECONDS,
    WaitTimeSeconds: WAIT_SECONDS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages: messages = [] } = await sqs.send(command, { abortSignal: signal });
  return messages.map(readLetter);
};

const putBack = async ({ sqs, url }: Queue, receiptHandles: readonly string[]): Promise<void> => {
  const changes = receiptHandles.map((receiptHandle) => ({ receiptHandle, visibleInSeconds: 0 }));
  await changeVisibility(sqs, url, changes);
};
