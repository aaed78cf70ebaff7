// A stage that names sources to watch gets an alarm for each that falls silent; one that names none gets none.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVERY_OPTION } from '../support/option-sets';
import { ofType, packageStage, type Resources } from '../support/package';

const TIMEOUT_MS = 120_000;

const alarmsOf = require('../../infra/alarms-silence.js') as (variables: {
  resolveVariable: (name: string) => Promise<string>;
}) => Promise<{ readonly Resources: Resources }>;

const silenceAlarms = async (watchedSources: string): Promise<[id: string, alarm: Resources[string]][]> => {
  const values: Readonly<Record<string, string>> = {
    'param:watchedSources': watchedSources,
    'param:silentAfterMinutes': '90',
    'self:custom.metrics.events': 'cio-relay-prod/events',
    'self:custom.name': 'cio-relay-prod',
    'self:custom.runbook': 'Runbook: docs/operations.md',
    'self:custom.dashboard': 'Dashboard: https://console',
  };
  const { Resources: alarms } = await alarmsOf({ resolveVariable: async (name) => values[name] ?? '' });
  return Object.entries(alarms);
};

it('Each source that is watched has an alarm on its own metric, and all together on that without dimension', async () => {
  const alarms = await silenceAlarms('web-site, app_2,*');

  expect(alarms.map(([, { Properties }]) => Properties)).toEqual(
    [
      ['cio-relay-prod-silent-web-site', [{ Name: 'source', Value: 'web-site' }]],
      ['cio-relay-prod-silent-app_2', [{ Name: 'source', Value: 'app_2' }]],
      ['cio-relay-prod-silent', []],
    ].map(([AlarmName, Dimensions]) => ({
      AlarmName,
      AlarmDescription: expect.stringMatching(
        /^No event .+ for too long\. Runbook: docs\/operations\.md#silent Dashboard: /,
      ),
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      OKActions: [{ Ref: 'AlarmTopic' }],
      Namespace: 'cio-relay-prod/events',
      MetricName: 'EventsReceived',
      Dimensions,
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 18,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    })),
  );
  expect(alarms.map(([id]) => id).filter((id) => !/^[A-Za-z0-9]+$/.test(id))).toEqual([]);
});

it('No source is watched unless the stage says so', async () => {
  expect(await silenceAlarms('')).toEqual([]);
});

it(
  'A stage has the alarms that it asks for',
  async () => {
    const { resources } = await packageStage(EVERY_OPTION);
    const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(([id]) => id);

    expect(alarms.filter((id) => id.startsWith('Silent'))).toEqual(['SilentEverythingAlarm']);
  },
  TIMEOUT_MS,
);

it('docs/operations.md says what to do', async () => {
  expect(await readFile(join(__dirname, '../../docs/operations.md'), 'utf8')).toContain('\n### `silent`\n');
});
