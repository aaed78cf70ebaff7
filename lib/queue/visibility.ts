// Decides when a message that was not finished comes back. Where SQS does not take the change, the queue's
// own visibility timeout brings it back: later than wished, never lost.

import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { callForEach, inCalls } from './call-pool';

export interface VisibilityChange {
  readonly receiptHandle: string;
  /** From now; 0 is at once. */
  readonly visibleInSeconds: number;
}

/** Resolves when every change was tried, or at the deadline; answers how many SQS did not take. */
export const changeVisibility = async (
  sqs: SQSClient,
  queueUrl: string,
  changes: readonly VisibilityChange[],
  deadline?: AbortSignal,
): Promise<number> => {
  const failures = await callForEach(inCalls(changes), (batch) =>
    changeBatch(sqs, queueUrl, batch, deadline),
  );
  return failures.reduce((total, failed) => total + failed, 0);
};

const changeBatch = async (
  sqs: SQSClient,
  queueUrl: string,
  changes: readonly VisibilityChange[],
  deadline: AbortSignal | undefined,
): Promise<number> => {
  const Entries = changes.map(({ receiptHandle, visibleInSeconds }, index) => ({
    Id: String(index),
    ReceiptHandle: receiptHandle,
    VisibilityTimeout: visibleInSeconds,
  }));
  try {
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
    const answer = await sqs.send(command, deadline && { abortSignal: deadline });
    return answer.Failed?.length ?? 0;
  } catch {
    return changes.length;
  }
};
