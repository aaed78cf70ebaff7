// Who puts messages on the event queue from outside: topics of SNS and rules of EventBridge, which have no role, and other
// accounts. The queue has one policy, and it is the stack's: what somebody adds to it by hand, the next change takes away.

const { optionsOf } = require('./options');

/** What osls asks for the resources; it gives the stage's parameters through `resolveVariable`. */
module.exports = async ({ resolveVariable }) => {
  const { producers } = await optionsOf(['producers'], resolveVariable);
  const arns = producers.split(',').map((arn) => arn.trim());
  const of = (service) => arns.filter((arn) => arn.split(':')[2] === service);
  const statements = [
    ...fromService('Topics', 'sns', of('sns')),
    ...fromService('Rules', 'events', of('events')),
    ...allowed('Accounts', of('iam'), { Principal: { AWS: of('iam') } }),
  ];
  return statements.length === 0
    ? { Resources: {} }
    : { Resources: { EventQueuePolicy: adding(statements) } };
};

/** osls merges lists by position: the first statement, of infra/queues.yml, stays as it is. */
const adding = (statements) => ({ Properties: { PolicyDocument: { Statement: [{}, ...statements] } } });

/** Any account may tell a service to send: the source is what tells whose it is. */
const fromService = (Sid, service, arns) =>
  allowed(Sid, arns, {
    Principal: { Service: `${service}.amazonaws.com` },
    Condition: { ArnEquals: { 'aws:SourceArn': arns } },
  });

const allowed = (Sid, arns, whom) =>
  arns.length === 0
    ? []
    : [
        {
          Sid,
          Effect: 'Allow',
          ...whom,
          Action: 'sqs:SendMessage',
          Resource: { 'Fn::GetAtt': ['EventQueue', 'Arn'] },
        },
      ];
