// Who may put messages on the event queue besides the stage's own functions: its policy is part of the stack, so that what
// has no role of the account, or is of another one, has to be named for the stage.

import { packageStage, type Resources } from '../support/package';

const TIMEOUT_MS = 120_000;
const TOPICS = ['arn:aws:sns:us-east-1:111122223333:signups', 'arn:aws:sns:us-east-1:444455556666:orders'];
const RULE = 'arn:aws:events:us-east-1:111122223333:rule/shop/orders';
const ROLE = 'arn:aws:iam::444455556666:role/shop';

const statementsOf = (resources: Resources, policy: string): readonly Statement[] => {
  const { PolicyDocument } = (resources[policy]?.Properties ?? {}) as { PolicyDocument?: Document };
  return PolicyDocument?.Statement ?? [];
};

interface Document {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Sid: string;
}

const packaged = async (options: Readonly<Record<string, string>>): Promise<Resources> =>
  (await packageStage(options)).resources;

const sending = (Sid: string, rest: object) => ({
  Sid,
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: { 'Fn::GetAtt': ['EventQueue', 'Arn'] },
  ...rest,
});

it(
  'The topics, rules and roles that a stage names may send to the event queue, over TLS as everybody',
  async () => {
    const resources = await packaged({ producers: [...TOPICS, RULE, ROLE].join(', ') });

    expect(statementsOf(resources, 'EventQueuePolicy')).toEqual([
      expect.objectContaining({ Sid: 'OnlyOverTls', Effect: 'Deny', Action: 'sqs:*' }),
      sending('Topics', {
        Principal: { Service: 'sns.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': TOPICS } },
      }),
      sending('Rules', {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': [RULE] } },
      }),
      sending('Accounts', { Principal: { AWS: [ROLE] } }),
    ]);
    for (const policy of ['DeadLetterQueuePolicy', 'ActivityQueuePolicy', 'ActivityDeadLetterQueuePolicy'])
      expect(statementsOf(resources, policy).map(({ Sid }) => Sid)).toEqual(['OnlyOverTls']);
  },
  TIMEOUT_MS,
);

it(
  'A kind of which none is named is let in nowhere',
  async () => {
    const [none, rule] = [await packaged({}), await packaged({ producers: RULE })];

    expect(statementsOf(none, 'EventQueuePolicy').map(({ Sid }) => Sid)).toEqual(['OnlyOverTls']);
    expect(statementsOf(rule, 'EventQueuePolicy').map(({ Sid }) => Sid)).toEqual(['OnlyOverTls', 'Rules']);
  },
  TIMEOUT_MS,
);
