// A stage whose traffic is shifted step by step: each function is called by its alias, and nothing calls it otherwise.

import { shiftGradually } from '../../../infra/deploy/gradual-shift';
import { EVERY_OPTION } from '../../support/option-sets';
import { ofType, packageStage, type Resources } from '../../support/package';
import { schemaMistakes } from '../../support/template-schema';

const TIMEOUT_MS = 120_000;
const FUNCTIONS = ['Ingest', 'Consumer', 'Webhook', 'Forwarder'];

let resources: Resources;

beforeAll(async () => {
  ({ resources } = await packageStage(EVERY_OPTION));
}, TIMEOUT_MS);

it('CloudFormation’s types know all of it', () => {
  expect(schemaMistakes(resources)).toEqual([]);
});

it.each(FUNCTIONS)('%s has a version and an alias, which CodeDeploy moves', (name) => {
  const alias = resources[`${name}Alias`];
  const [version = ''] = /\w+LambdaVersion\w+/.exec(JSON.stringify(alias)) ?? [];

  expect(resources[version]).toMatchObject({
    Type: 'AWS::Lambda::Version',
    Properties: { FunctionName: { Ref: `${name}LambdaFunction` } },
  });
  expect(alias).toMatchObject({
    Properties: { FunctionName: { Ref: `${name}LambdaFunction` }, Name: 'live' },
    UpdatePolicy: {
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: { Ref: 'ShiftApplication' },
        DeploymentGroupName: { Ref: `${name}Shift` },
      },
    },
  });
  expect(resources[`${name}Shift`]?.Properties).toMatchObject({
    DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
    AutoRollbackConfiguration: {
      Enabled: true,
      Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']),
    },
  });
});

it('The alarms that give the traffic back are those of the stage', () => {
  expect(resources['IngestShift']?.Properties['AlarmConfiguration']).toEqual({
    Enabled: true,
    Alarms: ['FunctionErrorsAlarm', 'ApiErrorsAlarm', 'SettingsAlarm'].map((id) => ({ Name: { Ref: id } })),
  });
  for (const id of ['FunctionErrorsAlarm', 'ApiErrorsAlarm', 'SettingsAlarm'])
    expect(resources[id]?.Type).toBe('AWS::CloudWatch::Alarm');
});

it('What goes all at once is watched by no alarm: while one is on, nothing else would let through what mends it', () => {
  const groupOf = (configuration: string) =>
    shiftGradually({ Resources: resources }, { configuration, alarms: ['FunctionErrorsAlarm'] })[
      'IngestShift'
    ];

  expect(groupOf('LambdaAllAtOnce')?.Properties['AlarmConfiguration']).toEqual({
    Enabled: false,
    Alarms: [],
  });
  expect(groupOf('LambdaLinear10PercentEvery1Minute')?.Properties['AlarmConfiguration']).toMatchObject({
    Enabled: true,
  });
});

it('Queues and API call the aliases alone, and the API not before it may', () => {
  const callers = [
    ...ofType(resources, 'AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties['FunctionName'],
    ),
    ...ofType(resources, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties['FunctionName']),
    ...ofType(resources, 'AWS::ApiGatewayV2::Integration').map(
      ([, { Properties }]) => Properties['IntegrationUri'],
    ),
  ];

  expect(callers.map((caller) => JSON.stringify(caller)).sort()).toEqual(
    ['Consumer', 'Forwarder', 'Ingest', 'Ingest', 'Webhook', 'Webhook'].map(
      (name) => `{"Ref":"${name}Alias"}`,
    ),
  );
  for (const [, integration] of ofType(resources, 'AWS::ApiGatewayV2::Integration'))
    expect(integration).toMatchObject({ DependsOn: [expect.stringMatching(/LambdaPermissionHttpApi$/)] });
});

it(
  'A stage that does not ask for it has none of it',
  async () => {
    const { resources: bare } = await packageStage();
    const types = new Set(Object.values(bare).map(({ Type }) => Type));

    for (const type of ['AWS::Lambda::Version', 'AWS::Lambda::Alias', 'AWS::CodeDeploy::Application'])
      expect(types).not.toContain(type);
  },
  TIMEOUT_MS,
);
