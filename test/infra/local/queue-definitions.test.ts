import { queueDefinitions } from '../../../infra/local/queue-definitions';

const REGION = 'eu-west-1';
const arn = (name: string): string => `arn:aws:sqs:${REGION}:000000000000:${name}`;

it('A queue and its dead-letter queue become what SQS can create', () => {
  const definitions = queueDefinitions(
    {
      EventQueue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'events',
          VisibilityTimeout: 360,
          SqsManagedSseEnabled: true,
          Tags: [{ Key: 'team', Value: 'data' }],
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
            maxReceiveCount: 500,
          },
        },
      },
      DeadLetterQueue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'dead-letters',
          RedriveAllowPolicy: {
            redrivePermission: 'byQueue',
            sourceQueueArns: [
              { 'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:events` },
            ],
          },
        },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: {} },
    },
    REGION,
  );

  expect(definitions).toEqual([
    {
      logicalId: 'EventQueue',
      name: 'events',
      arn: arn('events'),
      attributes: {
        VisibilityTimeout: '360',
        SqsManagedSseEnabled: 'true',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead-letters'), maxReceiveCount: 500 }),
      },
    },
    {
      logicalId: 'DeadLetterQueue',
      name: 'dead-letters',
      arn: arn('dead-letters'),
      attributes: {
        RedriveAllowPolicy: JSON.stringify({
          redrivePermission: 'byQueue',
          sourceQueueArns: [arn('events')],
        }),
      },
    },
  ]);
});

const queue = (properties: Record<string, unknown>) => ({
  Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'events', ...properties } },
});

it.each([
  ['a queue without a name', queue({ QueueName: undefined }), 'Queue needs a literal QueueName'],
  ['the Arn of what is no queue', queue({ Policy: { 'Fn::GetAtt': ['Topic', 'Arn'] } }), '["Topic","Arn"]'],
  [
    'another attribute of a queue',
    queue({ Policy: { 'Fn::GetAtt': ['Queue', 'Name'] } }),
    '["Queue","Name"]',
  ],
  [
    'an unknown pseudo parameter',
    queue({ Policy: { 'Fn::Sub': `\${AWS::StackName}` } }),
    `\${AWS::StackName}`,
  ],
])('Says what it cannot resolve: %s', (_, resources, message) => {
  expect(() => queueDefinitions(resources, REGION)).toThrow(message);
});
