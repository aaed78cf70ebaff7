import { toRecord } from '../../../infra/local/sqs-event';

const queue = { arn: 'arn:aws:sqs:us-east-1:000000000000:events', region: 'us-east-1' };

it('A received message becomes the record that Lambda hands to a function', () => {
  const record = toRecord(
    {
      MessageId: 'm1',
      ReceiptHandle: 'r1',
      Body: '{}',
      MD5OfBody: 'md5',
      MD5OfMessageAttributes: 'md5-attributes',
      Attributes: {
        ApproximateReceiveCount: '3',
        SentTimestamp: '1700000000000',
        SenderId: 'sender',
        ApproximateFirstReceiveTimestamp: '1700000000001',
        MessageGroupId: 'group',
      },
      MessageAttributes: {
        source: { DataType: 'String', StringValue: 'local' },
        blob: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      },
    },
    queue,
  );

  expect(record).toEqual({
    messageId: 'm1',
    receiptHandle: 'r1',
    body: '{}',
    md5OfBody: 'md5',
    md5OfMessageAttributes: 'md5-attributes',
    attributes: {
      ApproximateReceiveCount: '3',
      SentTimestamp: '1700000000000',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '1700000000001',
      MessageGroupId: 'group',
    },
    messageAttributes: {
      source: { dataType: 'String', stringValue: 'local', stringListValues: [], binaryListValues: [] },
      blob: { dataType: 'Binary', binaryValue: 'AQID', stringListValues: [], binaryListValues: [] },
    },
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: 'us-east-1',
  });
});

it('A message without attributes has empty ones, and no digest of them', () => {
  const record = toRecord({ MessageId: 'm1', ReceiptHandle: 'r1', Body: '{}', MD5OfBody: 'md5' }, queue);

  expect(record.messageAttributes).toEqual({});
  expect(record).not.toHaveProperty('md5OfMessageAttributes');
});

it('A message without its id is not handed on', () => {
  expect(() => toRecord({ ReceiptHandle: 'r1' }, queue)).toThrow('MessageId');
});
