// A stage that names sources to watch gets an alarm for each that falls silent; one that names none gets none.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ofType, packageResources, serverless } from '../support/package';

const TIMEOUT_MS = 120_000;
let outDir: string;

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'cio-relay-silence-'));
});

afterAll(() => rm(outDir, { recursive: true }));

const silenceAlarms = async (params: Readonly<Record<string, string>>) =>
  ofType(await packageResources('prod', outDir, params), 'AWS::CloudWatch::Alarm').filter(([id]) =>
    id.startsWith('Silent'),
  );

it(
  'Each source that is watched has an alarm on its own metric, and all together on that without dimension',
  async () => {
    const alarms = await silenceAlarms({ watchedSources: 'web-site, app_2,*', silentAfterMinutes: '90' });

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
  },
  TIMEOUT_MS,
);

it(
  'No source is watched unless the stage says so',
  () => silenceAlarms({}).then((alarms) => expect(alarms).toEqual([])),
  TIMEOUT_MS,
);

it('docs/operations.md says what to do', async () => {
  expect(await readFile(join(__dirname, '../../docs/operations.md'), 'utf8')).toContain('\n### `silent`\n');
});

it(
  'A time that CloudWatch cannot look back is refused',
  async () => {
    const parameters = ['--stage', 'prod', '--package', outDir, '--param=silentAfterMinutes=1441'];

    await expect(serverless('package', ...parameters)).rejects.toMatchObject({
      stdout: expect.stringMatching(/silentAfterMinutes .+ must be a whole number from 1 to 1440/),
    });
  },
  TIMEOUT_MS,
);
