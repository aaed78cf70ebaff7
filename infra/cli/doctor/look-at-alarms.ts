// The alarms: whether there are any, whether somebody hears them, and which are on.

import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { type AwsStage, stackName } from '../aws-stage';
import { plural } from '../layout';
import { deployCommand } from '../next-command';
import { bad, type Finding, good, lookAt, warning } from './finding';

const NOT_CONFIRMED = 'PendingConfirmation';

export const lookAtAlarms = (stage: AwsStage): Promise<readonly Finding[]> =>
  lookAt('alarms', async () => {
    const alarms = await alarmsOf(stage);
    if (alarms.length === 0) return [bad('alarms', 'there are none', `Deploy:${deployCommand(stage.name)}`)];
    const topics = [...new Set(alarms.flatMap(({ AlarmActions = [] }) => AlarmActions))];
    return [
      ...statesOf(stage, alarms),
      ...silentOf(alarms),
      ...(await Promise.all(topics.map((topic) => lookAtTopic(stage, topic)))).flat(),
    ];
  });

/** One page of a hundred holds them all: a stage has about thirty. */
const alarmsOf = async (stage: AwsStage): Promise<MetricAlarm[]> => {
  const client = new CloudWatchClient({ region: stage.region });
  const prefix = `${stackName(stage)}-`;
  const command = new DescribeAlarmsCommand({ AlarmNamePrefix: prefix, MaxRecords: 100 });
  const { MetricAlarms = [] } = await client.send(command);
  // Another stage may begin with the same name; its alarms have its own topic.
  const isOfOther = (topic: string): boolean =>
    topic.includes(`:${prefix}`) && !topic.endsWith(`:${prefix}alarms`);
  return MetricAlarms.filter(({ AlarmActions = [] }) => !AlarmActions.some(isOfOther));
};

const statesOf = (stage: AwsStage, alarms: readonly MetricAlarm[]): Finding[] => {
  const on = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
  if (on.length === 0) return [good('alarms', `none of ${alarms.length} is on`)];
  return on.map(({ AlarmName = '', AlarmDescription = '' }) => {
    const name = AlarmName.replace(`${stackName(stage)}-`, '');
    const [what = ''] = AlarmDescription.split('.', 1);
    return warning(`alarm ${name}`, `it is on: ${what}`, `docs/operations.md#${name} has the remedy.`);
  });
};

const silentOf = (alarms: readonly MetricAlarm[]): Finding[] => {
  const silent = alarms.filter(
    ({ AlarmActions = [], ActionsEnabled }) => AlarmActions.length === 0 || ActionsEnabled === false,
  );
  if (silent.length === 0) return [];
  const [first] = silent;
  return [
    warning(
      'alarms',
      `${plural(silent.length, 'alarm')} without an action, ${first?.AlarmName} for one`,
      'Switch their actions on again: aws cloudwatch enable-alarm-actions, or deploy again.',
    ),
  ];
};

const lookAtTopic = (stage: AwsStage, topic: string): Promise<readonly Finding[]> => {
  const about = `topic ${topic.split(':').at(-1)}`;
  return lookAt(about, async () => {
    const client = new SNSClient({ region: stage.region });
    const { Subscriptions = [] } = await client.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topic }),
    );
    return [heardBy(about, Subscriptions)];
  });
};

const SUBSCRIBE =
  'Set alarmEmail and deploy, or subscribe your pager to the topic: docs/operations.md, First deployment.';

const heardBy = (about: string, subscriptions: readonly Subscription[]): Finding => {
  const confirmed = subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn !== NOT_CONFIRMED);
  if (confirmed.length > 0) return good(about, plural(confirmed.length, 'subscriber'));
  if (subscriptions.length === 0) return warning(about, 'nobody hears of alarms', SUBSCRIBE);
  return warning(
    about,
    'nobody hears of alarms: the subscription is not confirmed',
    'Follow the link in the mail “AWS Notification - Subscription Confirmation”.',
  );
};
