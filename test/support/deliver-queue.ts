// Everything on a stage's event queue, through the real consumer, until the queue is empty.

import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handler } from '../../functions/consumer';
import { startEventSource } from '../../infra/local/event-source';
import type { Stage } from './relay-cli';
import { until } from './until';

const GIVE_UP_MS = 60_000;

/** @throws Error when it is not empty in time. */
export const deliverAll = async (
  stage: Stage,
  sources: readonly object[],
  giveUpMs = GIVE_UP_MS,
): Promise<void> => {
  Object.assign(process.env, {
    QUEUE_URL: stage.queueUrl('events'),
    DEAD_LETTER_QUEUE_URL: stage.queueUrl('dead-letters'),
    SOURCES: JSON.stringify(sources),
    MAX_CONSUMERS: '1',
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
    maximumConcurrency: 1,
    reportsBatchItemFailures: true,
    invoke,
    onProblem: (problem) => {
      throw new Error(problem);
    },
  });
  await until(async () => running === 0 && (await stage.isEmpty('events')), giveUpMs);
  await eventSource.stop();
};

const CONTEXT = { getRemainingTimeInMillis: () => 60_000, awsRequestId: 'r1' } as Context;
