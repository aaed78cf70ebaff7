// The alarms that undo an update: CloudFormation watches them while it changes the stack and for some minutes after,
// and puts everything back when one goes off.

const { partitionOf } = require('./partition');

const ALARMS = ['function-errors', 'api-errors', 'settings'];

/** What osls asks for as a variable's file; the account is looked up only where it is needed. */
module.exports = async ({ resolveVariable }) => {
  const minutes = Number(await resolveVariable('param:rollbackAfterMinutes'));
  if (minutes === 0) return UNWATCHED;
  const [account, region, name] = await Promise.all(
    ['aws:accountId', 'self:provider.region', 'self:custom.name'].map(resolveVariable),
  );
  // A trigger that does not exist fails the whole operation, and the alarms come with the first deployment.
  const deployed = await resolveVariable(`cf(${region}):${name}.Release, null`);
  if (deployed === null) return UNWATCHED;
  const { partition } = partitionOf(region);
  return {
    MonitoringTimeInMinutes: minutes,
    RollbackTriggers: ALARMS.map((alarm) => ({
      Arn: `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}-${alarm}`,
      Type: 'AWS::CloudWatch::Alarm',
    })),
  };
};

/** Said, not left out: CloudFormation goes on with the alarms of the update before where it is told nothing. */
const UNWATCHED = { MonitoringTimeInMinutes: 0, RollbackTriggers: [] };
