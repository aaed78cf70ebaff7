// What the webhook function stores, seen at the SDK's edge.

import {
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { AwsClientStub } from 'aws-sdk-client-mock';

export const QUEUE_URLS = {
  ACTIVITY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/activity',
  ACTIVITY_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/000000000000/activity-dead-letters',
};

/** SQS on a good day. */
export const takeAll = ({ Entries }: SendMessageBatchCommandInput) => ({
  Successful: (Entries ?? []).map(({ Id }) => ({ Id, MessageId: 'm', MD5OfMessageBody: '' })),
  Failed: [],
});

/** What SQS was given, by queue. */
export const storedBy = (sqs: Pick<AwsClientStub<SQSClient>, 'commandCalls'>) => {
  const inputs = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
  const on = (queueUrl: string): SendMessageBatchRequestEntry[] =>
    inputs.filter(({ QueueUrl }) => QueueUrl === queueUrl).flatMap(({ Entries }) => Entries ?? []);
  return {
    activity: on(QUEUE_URLS.ACTIVITY_QUEUE_URL),
    deadLetters: on(QUEUE_URLS.ACTIVITY_DEAD_LETTER_QUEUE_URL),
  };
};
