// Decides when a message that was not finished comes back. Where SQS does not take the change, the queue's
// own visibility timeout brings it back: later than wished, never lost.

import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { callForEach } from './call-pool';
import { MAX_BATCH_ENTRIES } from './sqs-limits';

export interface VisibilityChange {
  readonly receiptHandle: string;
  /** From now; 0 is at once. */
  readonly visibleInSeconds: number;
}

/** Resolves when every change was tried; answers how many SQS did not take. */
export const changeVisibility = async (
  sqs: SQSClient,
  queueUrl: string,
  changes: readonly VisibilityChange[],
): Promise<number> => {
  const failures = await callForEach(inBatches(changes), (batch) => changeBatch(sqs, queueUrl, batch));
  return failures.reduce((total, failed) => total + failed, 0);
};

const inBatches = (changes: readonly VisibilityChange[]): VisibilityChange[][] =>
  Array.from({ length: Math.ceil(changes.length / MAX_BATCH_ENTRIES) }, (_, index) =>
    changes.slice(index * MAX_BATCH_ENTRIES, (index + 1) * MAX_BATCH_ENTRIES),
  );

const changeBatch = async (
  sqs: SQSClient,
  queueUrl: string,
  changes: readonly VisibilityChange[],
): Promise<number> => {
  const Entries = changes.map(({ receiptHandle, visibleInSeconds }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: visibleInSeconds,
  }));
  try {
    const answer = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
    return answer.Failed?.length ?? 0;
  } catch {
    return changes.length;
  }
};
