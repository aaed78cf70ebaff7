// Alarms and dashboard look at metrics that exist: emitted by a function of that namespace, under that name and
// those dimensions. And every metric that is emitted is known, documented and looked at.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  DEAD_LETTER_RETENTION_SECONDS,
  MAX_BACKOFF_SECONDS,
  QUEUE_RETENTION_SECONDS,
} from '../../lib/delivery/retry-policy';
import { METRICS } from '../../lib/observability';
import { emittedByFunction, FUNCTION_NAMES, type FunctionName } from '../support/emitted';
import type { EmittedMetric } from '../support/log-output';
import { ofType, packageStage, type Resources } from '../support/package';
import { alarmMetrics, dashboardMetrics, type LookedAt } from '../support/template-metrics';

const ROOT = resolve(__dirname, '../..');
const TIMEOUT_MS = 120_000;
const EVENTS = 'cio-relay-prod/events';
const ACTIVITY = 'cio-relay-prod/activity';

const partition = require('../../infra/deploy/partition.js') as (variables: {
  resolveVariable: (name: string) => Promise<string>;
}) => Promise<{ readonly console: string }>;

let resources: Resources;
let emitted: ReadonlyMap<FunctionName, readonly EmittedMetric[]>;

beforeAll(async () => {
  ({ resources } = await packageStage());
  emitted = await emittedByFunction();
}, TIMEOUT_MS);

const namespaceOf = (name: FunctionName): string => {
  const environment = resources[`${name}LambdaFunction`]?.Properties['Environment'] ?? {};
  const { Variables } = environment as { Variables?: Record<string, string> };
  return Variables?.['POWERTOOLS_METRICS_NAMESPACE'] ?? '';
};

/** Name and dimensions of everything that the functions of a namespace emit. */
const emittedUnder = (namespace: string): ReadonlySet<string> => {
  const functions = FUNCTION_NAMES.filter((name) => namespaceOf(name) === namespace);
  const metrics = functions.flatMap((name) => emitted.get(name) ?? []);
  return new Set(metrics.map(({ name, dimensions }) => keyOf(name, dimensions)));
};

/** What CloudWatch counts in a log. */
const countedInLogs = (): { readonly MetricNamespace: string; readonly MetricName: string }[] =>
  ofType(resources, 'AWS::Logs::MetricFilter').flatMap(
    ([, { Properties }]) => Properties['MetricTransformations'] as ReturnType<typeof countedInLogs>,
  );

const keyOf = (name: string, dimensions: readonly string[]): string => [name, ...dimensions].join(' ');

/** Of AWS's own metrics, those used here: the dimensions each is reported under. */
const AWS_DIMENSIONS: Readonly<Record<string, readonly string[]>> = {
  'AWS/SQS': ['QueueName'],
  'AWS/Lambda': ['FunctionName'],
  'AWS/ApiGateway': ['ApiId'],
};

const notEmitted = (metrics: readonly LookedAt[]): string[] =>
  metrics.flatMap(({ namespace, name, dimensions, where }) => {
    const aws = AWS_DIMENSIONS[namespace];
    const isCounted = countedInLogs().some(
      ({ MetricNamespace, MetricName }) =>
        MetricNamespace === namespace && MetricName === keyOf(name, dimensions),
    );
    const exists =
      aws === undefined
        ? isCounted || emittedUnder(namespace).has(keyOf(name, dimensions))
        : dimensions.join() === aws.join();
    return exists ? [] : [`${where}: ${namespace} ${keyOf(name, dimensions)}`];
  });

it('Each direction has a namespace of its own, named after the deployment', () => {
  expect(FUNCTION_NAMES.map(namespaceOf)).toEqual([EVENTS, EVENTS, ACTIVITY, ACTIVITY]);
});

it('The functions emit every metric of the list, in its unit, and no other', () => {
  const units = new Map([...emitted.values()].flat().map(({ name, unit }) => [name, unit]));

  expect(Object.fromEntries(units)).toEqual(METRICS);
});

it('A metric has no other dimension than source, reason and code', () => {
  const dimensions = new Set([...emitted.values()].flat().map((metric) => metric.dimensions.join()));

  expect(dimensions).toEqual(new Set(['', 'source', 'source,reason', 'code', 'source,code']));
});

it('Every alarm looks at metrics that are emitted', () => {
  const metrics = alarmMetrics(resources);

  expect(notEmitted(metrics)).toEqual([]);
  expect(metrics.length).toBeGreaterThan(20);
});

it('Every widget of the dashboard looks at metrics that are emitted', () => {
  const metrics = dashboardMetrics(resources);

  expect(notEmitted(metrics)).toEqual([]);
  expect(metrics.length).toBeGreaterThan(40);
});

it('The dashboard shows every metric, and the state of every alarm', () => {
  const shown = new Set(dashboardMetrics(resources).map(({ name }) => name));
  const body = JSON.stringify(resources['Dashboard']?.Properties['DashboardBody']);

  expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  for (const [alarm] of ofType(resources, 'AWS::CloudWatch::Alarm')) {
    expect(body).toContain(`\${${alarm}.Arn}`);
  }
});

it('The dashboard shows all that waits of a queue, also what an outage has sent again with a delay', () => {
  const ofQueues = dashboardMetrics(resources).filter(({ where }) => where === 'Late: messages waiting');

  expect(ofQueues.map(({ name }) => name.replace('ApproximateNumberOfMessages', ''))).toEqual([
    ...['Visible', 'NotVisible', 'Delayed'],
    ...['Visible', 'NotVisible', 'Delayed'],
  ]);
});

/** Alarms on what is put back look back further than the longest backoff, lest they say in between that it is over. */
const PUT_BACK = { EvaluationPeriods: 4, DatapointsToAlarm: 1 };
const PUT_BACK_SECONDS = 4 * 300;

it('Four periods are longer than a message may stay away', () => {
  expect(PUT_BACK_SECONDS).toBeGreaterThan(MAX_BACKOFF_SECONDS);
});

it.each([
  ['DeadLettersAlarm', 'ApproximateNumberOfMessagesVisible', 'Maximum', 0, { EvaluationPeriods: 1 }],
  ['ActivityDeadLettersAlarm', 'ApproximateNumberOfMessagesVisible', 'Maximum', 0, { EvaluationPeriods: 1 }],
  [
    'EventsInFlightAlarm',
    'ApproximateNumberOfMessagesNotVisible',
    'Maximum',
    90_000,
    { EvaluationPeriods: 1 },
  ],
  [
    'ActivityInFlightAlarm',
    'ApproximateNumberOfMessagesNotVisible',
    'Maximum',
    90_000,
    { EvaluationPeriods: 1 },
  ],
  ['CustomerIoAuthAlarm', 'AuthFailures', 'Sum', 0, PUT_BACK],
  ['SegmentAuthAlarm', 'AuthFailures', 'Sum', 0, PUT_BACK],
  ['WebhooksRefusedAlarm', 'WebhooksRefused', 'Sum', 0, { EvaluationPeriods: 1 }],
  ['DoorThrottledAlarm', 'RequestsOverThrottle', 'Sum', 0, { EvaluationPeriods: 3, Period: 300 }],
  ['BodyEncodingLostAlarm', 'RequestsRefused', 'Sum', 2, { EvaluationPeriods: 1, Period: 900 }],
])(
  '%s goes off at the first value of %s above its threshold',
  (alarm, metric, statistic, threshold, periods) => {
    expect(resources[alarm]?.Properties).toMatchObject({
      MetricName: metric,
      Statistic: statistic,
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      ...periods,
    });
  },
);

it.each([
  ['EventsLateAlarm', 900, PUT_BACK],
  ['ActivityLateAlarm', 900, PUT_BACK],
  ['ThrottledAlarm', 0, { EvaluationPeriods: 3 }],
  ['FunctionErrorsAlarm', 1, { EvaluationPeriods: 1 }],
  ['ApiErrorsAlarm', 5, { EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' }],
  ['DeadLettersExpireAlarm', 432_000, { EvaluationPeriods: 1 }],
  ['SettingsAlarm', 0, PUT_BACK],
  ['FunctionThrottlesAlarm', 0, { EvaluationPeriods: 1 }],
  ['RequestsRefusedAlarm', 20, { EvaluationPeriods: 3 }],
])('%s computes with metrics it names, and goes off above %i', (alarm, threshold, periods) => {
  const { Metrics: metrics, ...properties } = resources[alarm]?.Properties ?? {};
  const [result, ...inputs] = metrics as { Id: string; Expression?: string; ReturnData?: boolean }[];

  expect(properties).toMatchObject({ Threshold: threshold, ...periods });
  expect(inputs.map(({ Id, ReturnData }) => [Id, ReturnData])).toEqual(
    [...new Set(result?.Expression?.match(/(?<=FILL\()\w+/g))].map((id) => [id, false]),
  );
});

it('What API Gateway refuses over its throttle, and no function hears of, is counted in the access log', () => {
  expect(ofType(resources, 'AWS::Logs::MetricFilter')).toEqual([
    [
      'DoorThrottledFilter',
      expect.objectContaining({
        Properties: {
          LogGroupName: { Ref: 'HttpApiLogGroup' },
          FilterPattern: '{ $.status = "429" }',
          MetricTransformations: [
            { MetricNamespace: 'cio-relay-prod/door', MetricName: 'RequestsOverThrottle', MetricValue: '1' },
          ],
        },
      }),
    ],
  ]);
});

it('What watches a queue or a dead-letter queue watches its sibling too', () => {
  const queuesOf = (metric: string): string[] =>
    ofType(resources, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => {
      const text = JSON.stringify(Properties);
      return text.includes(`"${metric}"`)
        ? [...text.matchAll(/(\w+Queue)","QueueName"/g)].map(([, id]) => id ?? '')
        : [];
    });
  const counted = (metric: string, isActivity: boolean): number =>
    queuesOf(metric).filter((queue) => queue.startsWith('Activity') === isActivity).length;

  for (const metric of ['Visible', 'NotVisible'].map((state) => `ApproximateNumberOfMessages${state}`)) {
    expect(counted(metric, true)).toBeGreaterThan(0);
    expect(counted(metric, true)).toBe(counted(metric, false));
  }
  expect(counted('ApproximateAgeOfOldestMessage', true)).toBe(
    counted('ApproximateAgeOfOldestMessage', false),
  );
});

it('Every alarm is sent to the topic, when it goes off and when it is over', () => {
  for (const [, { Properties: properties }] of ofType(resources, 'AWS::CloudWatch::Alarm')) {
    expect(properties).toMatchObject({
      AlarmName: expect.stringMatching(/^cio-relay-prod-[a-z-]+$/),
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      TreatMissingData: expect.stringMatching(/^(ignore|notBreaching)$/),
    });
  }
});

it('Only the reminder does not say that it is over: it will come again tomorrow', () => {
  const silent = ofType(resources, 'AWS::CloudWatch::Alarm').filter(
    ([, { Properties }]) => JSON.stringify(Properties['OKActions']) !== '[{"Ref":"AlarmTopic"}]',
  );

  expect(silent.map(([id]) => id)).toEqual(['DeadLettersReminderAlarm']);
});

it('Every alarm says what it means, where its runbook is, and where to look', () => {
  for (const [, { Properties: properties }] of ofType(resources, 'AWS::CloudWatch::Alarm')) {
    const name = String(properties['AlarmName']).replace('cio-relay-prod-', '');

    expect(properties['AlarmDescription']).toMatch(/^[A-Z][^#]+\w\. Runbook: /);
    expect(properties['AlarmDescription']).toContain(
      ` Runbook: docs/operations.md#${name} Dashboard: https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/cio-relay-prod-us-east-1`,
    );
    expect(String(properties['AlarmDescription']).length).toBeLessThan(MAX_DESCRIPTION_CHARACTERS);
  }
});

/** CloudWatch's limit, with room for a long address of the runbook. */
const MAX_DESCRIPTION_CHARACTERS = 1_024 - 300;

it.each([
  ['eu-west-1', 'eu-west-1.console.aws.amazon.com'],
  ['us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ['cn-northwest-1', 'cn-northwest-1.console.amazonaws.cn'],
])('The dashboard of %s is in the console of its part of AWS', async (region, expected) => {
  expect(await partition({ resolveVariable: async () => region })).toEqual({ console: expected });
});

it('A second region of the account has a dashboard of its own', () => {
  expect(resources['Dashboard']?.Properties['DashboardName']).toBe('cio-relay-prod-us-east-1');
});

it('Dead letters that still wait are told again each day, in one hour of it', () => {
  const { Metrics: metrics, ...properties } = resources['DeadLettersReminderAlarm']?.Properties ?? {};

  expect(properties).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
  expect(metrics).toEqual([
    expect.objectContaining({ Expression: 'IF(HOUR(waiting) == 8, waiting, 0)' }),
    expect.objectContaining({ Id: 'waiting', ReturnData: false }),
    expect.objectContaining({ Id: 'events', ReturnData: false }),
    expect.objectContaining({ Id: 'activity', ReturnData: false }),
  ]);
});

it('Dead letters are told in time: two days before the first that SQS moved itself may expire', () => {
  const oldestWhenMoved = QUEUE_RETENTION_SECONDS;
  const threshold = Number(resources['DeadLettersExpireAlarm']?.Properties['Threshold']);

  expect(DEAD_LETTER_RETENTION_SECONDS - oldestWhenMoved - threshold).toBe(2 * 86_400);
});

it('One failed invocation is nothing; two within the longest backoff are', () => {
  const { Metrics: metrics } = resources['FunctionErrorsAlarm']?.Properties ?? {};
  const [, ...inputs] = metrics as { MetricStat: { Period: number } }[];

  for (const { MetricStat } of inputs) expect(MetricStat.Period).toBeGreaterThan(MAX_BACKOFF_SECONDS);
});

it('docs/operations.md explains every alarm and every metric', async () => {
  const text = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) =>
    String(Properties['AlarmName']).replace('cio-relay-prod-', ''),
  );

  expect(alarms.filter((name) => !text.includes(`\n### \`${name}\`\n`))).toEqual([]);
  expect(Object.keys(METRICS).filter((name) => !text.includes(`| \`${name}\``))).toEqual([]);
});
