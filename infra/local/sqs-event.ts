// What SQS returns, as the event that Lambda hands to a function.

import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from 'aws-lambda';

export interface QueueIdentity {
  readonly arn: string;
  readonly region: string;
}

/** One received message as a record. @throws Error when SQS left out what every received message has. */
export const toRecord = (message: Message, queue: QueueIdentity): SQSRecord => ({
  messageId: present(message.MessageId, 'MessageId'),
  receiptHandle: present(message.ReceiptHandle, 'ReceiptHandle'),
  body: message.Body ?? '',
  attributes: systemAttributes(message),
  messageAttributes: messageAttributes(message.MessageAttributes ?? {}),
  md5OfBody: message.MD5OfBody ?? '',
  ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
  eventSource: 'aws:sqs',
  eventSourceARN: queue.arn,
  awsRegion: queue.region,
});

const present = (value: string | undefined, name: string): string => {
  if (!value) throw new Error(`SQS returned a message without ${name}.`);
  return value;
};

const systemAttributes = ({ Attributes: attributes = {} }: Message): SQSRecordAttributes => ({
  ...attributes,
  ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
  SentTimestamp: attributes.SentTimestamp ?? '',
  SenderId: attributes.SenderId ?? '',
  ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '',
});

const messageAttributes = (
  attributes: Readonly<Record<string, MessageAttributeValue>>,
): Record<string, SQSMessageAttribute> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toMessageAttribute(value)]));

const toMessageAttribute = (value: MessageAttributeValue): SQSMessageAttribute => ({
  ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
  ...(value.BinaryValue && { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: value.DataType ?? 'String',
});
