// How many messages of a queue are received and not deleted. A standard queue hands out no more once 120,000 are, and a
// message that waits by its visibility timeout is one of them; one that was sent with a delay is not.

import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** It only helps to decide: the answer comes in milliseconds, or is not worth the wait. */
const MAX_WAIT_MS = 1_000;

/** Approximate, as SQS says itself; undefined where it does not say in time. */
export const countInFlight = async (
  sqs: SQSClient,
  queueUrl: string,
  deadline: AbortSignal,
): Promise<number | undefined> => {
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), MAX_WAIT_MS);
  try {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
    });
    const { Attributes } = await sqs.send(command, { abortSignal: AbortSignal.any([deadline, wait.signal]) });
    const text = Attributes?.ApproximateNumberOfMessagesNotVisible;
    return text === undefined ? undefined : Number(text);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
};
