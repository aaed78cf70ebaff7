// What is on a queue, as far as SQS says it: about, and without saying which.

import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Queue } from './target';

export interface QueueDepth {
  /** That nobody has; those that wait for their delay to end too. */
  readonly waiting: number;
  /** That somebody has received, or put back until later. */
  readonly inFlight: number;
}

const DEPTHS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;

export const depthOf = async ({ sqs, url }: Queue): Promise<QueueDepth> => {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...DEPTHS] }),
  );
  const [visible, delayed, notVisible] = DEPTHS.map((name) => Number(attributes[name] ?? 0));
  return { waiting: (visible ?? 0) + (delayed ?? 0), inFlight: notVisible ?? 0 };
};
