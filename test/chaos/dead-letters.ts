// What stands on the dead-letter queue at the end of a run.

import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

export interface StoredDeadLetter {
  readonly body: string;
  readonly messageId: string;
  /** Empty when SQS moved the message there itself. */
  readonly reason: string;
  readonly detail: string;
}

const MAX_MESSAGES_PER_CALL = 10;

/** Reads all; they stay where they are, invisible. */
export const readDeadLetters = async (sqs: SQSClient, queueUrl: string): Promise<StoredDeadLetter[]> => {
  const deadLetters: StoredDeadLetter[] = [];
  for (;;) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: MAX_MESSAGES_PER_CALL,
        MessageAttributeNames: ['All'],
      }),
    );
    if (messages.length === 0) return deadLetters;
    for (const { Body: body = '', MessageAttributes: attributes = {} } of messages) {
      const text = (name: string): string => attributes[name]?.StringValue ?? '';
      deadLetters.push({
        body,
        messageId: text('messageId'),
        reason: text('reason'),
        detail: text('detail'),
      });
    }
  }
};
