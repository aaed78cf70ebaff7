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

/** Whatever is on it, whoever has it for now: after an outage that is most of it. */
export const countAll = async (queue: Queue): Promise<number> => {
  const { waiting, inFlight } = await depthOf(queue);
  return waiting + inFlight;
};
