// What is on a stage's event queue, through the real consumer.

import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handler } from '../../functions/consumer';
import { startEventSource } from '../../infra/local/event-source';
import type { Stage } from './relay-cli';
import { until } from './until';

/** A queue that has not changed for so long is stuck. */
export interface Delivery {
  /** Resolves once the queue is empty and nobody works. @throws Error when nothing happens any more before that. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

export const startDelivery = (stage: Stage, sources: readonly object[], consumers = 1): Delivery => {
  Object.assign(process.env, {
    QUEUE_URL: stage.queueUrl('events'),
    DEAD_LETTER_QUEUE_URL: stage.queueUrl('dead-letters'),
    SOURCES: JSON.stringify(sources),
    MAX_CONSUMERS: String(consumers),
  });
  let running = 0;
  const invoke = async (event: SQSEvent): Promise<SQSBatchResponse> => {
    running += 1;
    try {
      return await handler(event, CONTEXT);
    } finally {
      running -= 1;
    }
  };
  const eventSource = startEventSource({
    sqs: stage.sqs.client,
    queueUrl: stage.queueUrl('events'),
    queue: { arn: 'arn:aws:sqs:us-east-1:000000000000:cio-relay-test-events', region: 'us-east-1' },
    batchSize: 10,
    batchingWindowSeconds: 0,
    maximumConcurrency: consumers,
    reportsBatchItemFailures: true,
    invoke,
    onProblem: (problem) => {
      throw new Error(problem);
    },
  });
  return {
    drained: () => drained(stage, () => running),
    stop: () => eventSource.stop(),
  };
};

const drained = async (stage: Stage, running: () => number): Promise<void> => {
  for (;;) {
    const before = await left(stage);
    if (before === 0 && running() === 0) return;
    await until(async () => (await left(stage)) !== before || (before === 0 && running() === 0));
  }
};

/** Messages that anybody may still work on. */
const left = async ({ sqs, queueUrl }: Stage): Promise<number> => {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl('events'), AttributeNames: ['All'] });
  const { Attributes: counts = {} } = await sqs.client.send(command);
  return (
    Number(counts['ApproximateNumberOfMessages']) +
    Number(counts['ApproximateNumberOfMessagesNotVisible']) +
    Number(counts['ApproximateNumberOfMessagesDelayed'])
  );
};

/** Everything on a stage's event queue. @throws Error when it does not become empty. */
export const deliverAll = async (stage: Stage, sources: readonly object[]): Promise<void> => {
  const delivery = startDelivery(stage, sources);
  await delivery.drained();
  await delivery.stop();
};

const CONTEXT = { getRemainingTimeInMillis: () => 60_000, awsRequestId: 'r1' } as Context;
