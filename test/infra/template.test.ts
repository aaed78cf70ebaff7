// What a deployment would create, read from the compiled CloudFormation of a stage.

import { BOUNDS } from '../../infra/deploy/stage-parameters';
import {
  DEAD_LETTER_RETENTION_SECONDS,
  FUNCTION_TIMEOUT_SECONDS,
  MAX_RECEIVE_COUNT,
  QUEUE_RETENTION_SECONDS,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../../lib/delivery/retry-policy';
import { MAX_MESSAGE_BYTES } from '../../lib/queue/sqs-limits';
import { ofType, packageStage, type Resources, serverless } from '../support/package';

const TIMEOUT_MS = 120_000;
const FUNCTIONS = ['Ingest', 'Consumer', 'Webhook', 'Forwarder'] as const;
const PAIRS = [
  ['EventQueue', 'DeadLetterQueue', 'Consumer'],
  ['ActivityQueue', 'ActivityDeadLetterQueue', 'Forwarder'],
] as const;

let resources: Resources;

beforeAll(async () => {
  ({ resources } = await packageStage());
}, TIMEOUT_MS);

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

describe.each(PAIRS)('%s', (queue, deadLetterQueue, consumer) => {
  it('keeps messages, hides them and gives them up as the retry policy says', () => {
    expect(resources[queue]?.Properties).toMatchObject({
      MessageRetentionPeriod: QUEUE_RETENTION_SECONDS,
      VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
      RedrivePolicy: { deadLetterTargetArn: arnOf(deadLetterQueue), maxReceiveCount: MAX_RECEIVE_COUNT },
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
    });
  });

  it('has a dead-letter queue that keeps messages longer and serves no other queue', () => {
    const { MessageRetentionPeriod: retention, RedriveAllowPolicy: policy } =
      resources[deadLetterQueue]?.Properties ?? {};

    expect(retention).toBe(DEAD_LETTER_RETENTION_SECONDS);
    expect(policy).toEqual({
      redrivePermission: 'byQueue',
      sourceQueueArns: [
        { 'Fn::Sub': expect.stringMatching(`:${String(resources[queue]?.Properties['QueueName'])}$`) },
      ],
    });
  });

  it('hides a message six times as long as its function may run, and as long as any stage may wait for more', () => {
    const [, longestWindowSeconds] = BOUNDS.batchingWindowSeconds;

    expect(resources[`${consumer}LambdaFunction`]?.Properties['Timeout']).toBe(FUNCTION_TIMEOUT_SECONDS);
    expect(resources[queue]?.Properties['VisibilityTimeout']).toBeGreaterThanOrEqual(
      6 * FUNCTION_TIMEOUT_SECONDS + longestWindowSeconds,
    );
  });

  it('feeds its function large batches, with partial answers, at the concurrency its rate share is made for', () => {
    const [, mapping] =
      ofType(resources, 'AWS::Lambda::EventSourceMapping').find(([id]) => id.startsWith(consumer)) ?? [];
    const environment = resources[`${consumer}LambdaFunction`]?.Properties['Environment'];

    expect(mapping?.Properties).toMatchObject({
      EventSourceArn: arnOf(queue),
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const scaling = (mapping?.Properties['ScalingConfig'] ?? {}) as Record<string, number>;
    expect(environment).toMatchObject({
      Variables: { MAX_CONSUMERS: String(scaling['MaximumConcurrency']) },
    });
  });
});

it('Queues outlive their stack, and take messages of 1 MiB', () => {
  for (const [, queue] of ofType(resources, 'AWS::SQS::Queue')) {
    expect(queue).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { MaximumMessageSize: MAX_MESSAGE_BYTES },
    });
  }
});

it('Every queue is encrypted and takes nothing that does not come over TLS', () => {
  const queues = ofType(resources, 'AWS::SQS::Queue');
  const policies = ofType(resources, 'AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);

  expect(queues.map(([, { Properties }]) => Properties['SqsManagedSseEnabled'])).toEqual(
    queues.map(() => true),
  );
  expect(policies).toEqual(queues.map(([id]) => onlyOverTls(id)));
});

const onlyOverTls = (queue: string) => ({
  Queues: [{ Ref: queue }],
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyOverTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: arnOf(queue),
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  },
});

describe.each(FUNCTIONS)('%s', (name) => {
  const properties = () => resources[`${name}LambdaFunction`]?.Properties ?? {};

  it('runs on Node 24 and arm64 under a role of its own, and its logs end', () => {
    expect(properties()).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Role: arnOf(`${name}Role`),
    });
    expect(resources[`${name}LogGroup`]?.Properties['RetentionInDays']).toBeGreaterThan(0);
  });

  it('is told where its settings are, and no setting itself', () => {
    const { Variables: variables } = properties()['Environment'] as { Variables: Record<string, unknown> };

    expect(variables).toMatchObject({ SOURCES_PARAMETER: '/cio-relay/prod/sources' });
    expect(Object.keys(variables)).not.toContain('SOURCES');
    expect(JSON.stringify(variables)).not.toContain('local');
  });
});

const parameter = { 'Fn::Sub': expect.stringMatching(/:parameter\/cio-relay\/prod\/sources$/) };
const parts = { 'Fn::Sub': expect.stringMatching(/:parameter\/cio-relay\/prod\/sources\/\*$/) };
const consuming = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ChangeMessageVisibility',
  'sqs:SendMessage',
];

it.each([
  ['Ingest', [['sqs:SendMessage', [arnOf('EventQueue'), arnOf('DeadLetterQueue')]]]],
  [
    'Consumer',
    [
      [consuming, arnOf('EventQueue')],
      ['sqs:SendMessage', arnOf('DeadLetterQueue')],
    ],
  ],
  ['Webhook', [['sqs:SendMessage', [arnOf('ActivityQueue'), arnOf('ActivityDeadLetterQueue')]]]],
  [
    'Forwarder',
    [
      [consuming, arnOf('ActivityQueue')],
      ['sqs:SendMessage', arnOf('ActivityDeadLetterQueue')],
    ],
  ],
] as const)('The role of %s allows exactly what its code calls', (name, queues) => {
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const settings = [
    ['ssm:GetParameter', parameter],
    ['ssm:GetParameters', parts],
  ];
  const expected = [...queues, ...settings, [logs, arnOf(`${name}LogGroup`)]];

  const role = resources[`${name}Role`]?.Properties ?? {};

  expect(role['ManagedPolicyArns']).toBeUndefined();
  expect(role['Policies']).toEqual([
    {
      PolicyName: name.toLowerCase(),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: expected.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })),
      },
    },
  ]);
});

it('A function that puts messages back on the queue it is fed from may do so without end, and no other may', () => {
  const feedsItself = (name: string): boolean => {
    const [, mapping] =
      ofType(resources, 'AWS::Lambda::EventSourceMapping').find(([id]) => id.startsWith(name)) ?? [];
    return maySend(name, mapping?.Properties['EventSourceArn']);
  };

  expect(
    FUNCTIONS.map((name) => [name, resources[`${name}LambdaFunction`]?.Properties['RecursiveLoop']]),
  ).toEqual(FUNCTIONS.map((name) => [name, feedsItself(name) ? 'Allow' : undefined]));
  expect(FUNCTIONS.filter(feedsItself)).toEqual(['Consumer', 'Forwarder']);
});

const maySend = (name: string, queueArn: unknown): boolean => {
  const policies = resources[`${name}Role`]?.Properties['Policies'] as readonly RolePolicy[];
  return policies
    .flatMap(({ PolicyDocument: { Statement } }) => Statement)
    .some(
      ({ Action, Resource }) =>
        [Action].flat().includes('sqs:SendMessage') && JSON.stringify(Resource) === JSON.stringify(queueArn),
    );
};

interface RolePolicy {
  readonly PolicyDocument: {
    readonly Statement: readonly {
      readonly Action: string | readonly string[];
      readonly Resource: unknown;
    }[];
  };
}

it('There is no other role', () => {
  expect(ofType(resources, 'AWS::IAM::Role').map(([id]) => id)).toEqual(
    FUNCTIONS.map((name) => `${name}Role`),
  );
});

it(
  'The stage `local`, the default, is never packaged',
  async () => {
    const error = await serverless('package').catch((problem) => problem);

    expect(error.code).toBe(1);
    expect(error.stdout + error.stderr).toContain('does not run with the stage `local`. Name another');
  },
  TIMEOUT_MS,
);
