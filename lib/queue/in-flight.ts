// How many messages of a queue are received and not deleted. A standard queue hands out no more once 120,000 are, and a
// message that waits by its visibility timeout is one of them; one that was sent with a delay is not.

import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Approximate, as SQS says itself; undefined where it does not say. */
export const countInFlight = async (
  sqs: SQSClient,
  queueUrl: string,
  deadline?: AbortSignal,
): Promise<number | undefined> => {
  try {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
    });
    const { Attributes } = await sqs.send(command, deadline && { abortSignal: deadline });
    const text = Attributes?.ApproximateNumberOfMessagesNotVisible;
    return text === undefined ? undefined : Number(text);
  } catch {
    return undefined;
  }
};
