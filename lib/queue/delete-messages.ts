// Acknowledges messages before the invocation ends. Lambda deletes them again with the answer, which does no harm
// and covers what failed here.

import { DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { callForEach, inCalls } from './call-pool';

/** Resolves when all of them were tried, or at the deadline. */
export const deleteMessages = async (
  sqs: SQSClient,
  queueUrl: string,
  receiptHandles: readonly string[],
  deadline?: AbortSignal,
): Promise<void> => {
  await callForEach(inCalls(receiptHandles), (handles) => deleteBatch(sqs, queueUrl, handles, deadline));
};

const deleteBatch = async (
  sqs: SQSClient,
  queueUrl: string,
  handles: readonly string[],
  deadline: AbortSignal | undefined,
): Promise<void> => {
  const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
  try {
    const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    await sqs.send(command, deadline && { abortSignal: deadline });
  } catch {
    // Lambda deletes them with the answer.
  }
};
