// A record as Lambda hands it to a function that polls SQS.

import type { SQSRecord } from 'aws-lambda';

export interface RecordOptions {
  readonly messageId?: string;
  readonly body: unknown;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly receiveCount?: number;
  readonly sentAt?: Date;
  readonly group?: string;
}

export const SENT_AT = new Date('2026-03-01T10:00:00.000Z');

/** A body that is no string is serialised. */
export const recordOf = (options: RecordOptions): SQSRecord => {
  const { messageId = 'm1', body, attributes = {}, receiveCount = 1, sentAt = SENT_AT } = options;
  return {
    messageId,
    receiptHandle: `receipt-${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAt.getTime()),
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: String(sentAt.getTime()),
      ...(options.group !== undefined && { MessageGroupId: options.group }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:events',
    awsRegion: 'us-east-1',
  };
};
