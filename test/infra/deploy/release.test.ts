// What is deployed says which version and commit it is, and can be put back.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageStage, type Resources } from '../../support/package';

const ROOT = join(__dirname, '../../..');
const TIMEOUT_MS = 120_000;
const rollback = require('../../../infra/deploy/rollback.js') as (variables: {
  resolveVariable: (name: string) => Promise<string | null>;
}) => Promise<unknown>;

const readExample = (name: string): Promise<string> => readFile(join(ROOT, 'examples/deploy', name), 'utf8');

describe('A deployment', () => {
  let folder: string;
  let resources: Resources;

  beforeAll(async () => {
    ({ folder, resources } = await packageStage());
  }, TIMEOUT_MS);

  it('says its version and commit in an output, and tells every function', async () => {
    const template = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
    const { Value: release } = JSON.parse(template).Outputs.Release;
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

    expect(release).toMatch(/^\d+\.\d+\.\d+(\+[0-9a-f]{7,}(\.changed)?)?$/);
    expect(release.startsWith(version)).toBe(true);
    for (const name of ['Ingest', 'Consumer', 'Webhook', 'Forwarder']) {
      expect(resources[`${name}LambdaFunction`]?.Properties['Environment']).toMatchObject({
        Variables: { RELEASE: release },
      });
    }
  });

  it('is watched by no alarm, as a first one has none, and none that an earlier one had named goes on', async () => {
    const state = JSON.parse(await readFile(join(folder, 'serverless-state.json'), 'utf8'));

    expect(state.service.provider.rollbackConfiguration).toEqual(UNWATCHED);
  });
});

it.each(['ingest', 'consumer', 'webhook', 'forwarder'])(
  'Every line that %s logs says which release wrote it',
  (name) => {
    process.env['RELEASE'] = '1.2.3+0a1b2c3';
    jest.isolateModules(() => {
      require(`../../../functions/${name}`);
      const { logger } = require('../../../lib/observability') as typeof import('../../../lib/observability');

      expect(logger.getPersistentLogAttributes()).toEqual({ release: '1.2.3+0a1b2c3' });
    });
    delete process.env['RELEASE'];
  },
);

const watched = (minutes: string, region: string, deployed: string | null = '0.2.0'): Promise<unknown> => {
  const values: Readonly<Record<string, string | null>> = {
    [`cf(${region}):cio-relay-prod.Release, null`]: deployed,
    'param:rollbackAfterMinutes': minutes,
    'aws:accountId': '111122223333',
    'self:provider.region': region,
    'self:custom.name': 'cio-relay-prod',
  };
  return rollback({
    resolveVariable: async (name) => {
      if (!(name in values)) throw new Error(`Nobody knows ${name}.`);
      return values[name] ?? null;
    },
  });
};

/** CloudFormation keeps the triggers of the update before, unless it is given a list, which may be empty. */
const UNWATCHED = { MonitoringTimeInMinutes: 0, RollbackTriggers: [] };

it.each([
  ['eu-west-1', 'aws'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
])(
  'An update in %s is put back when an alarm of this stage goes off while it is watched',
  async (region, partition) => {
    expect(await watched('10', region)).toEqual({
      MonitoringTimeInMinutes: 10,
      RollbackTriggers: ['function-errors', 'api-errors', 'settings'].map((alarm) => ({
        Arn: `arn:${partition}:cloudwatch:${region}:111122223333:alarm:cio-relay-prod-${alarm}`,
        Type: 'AWS::CloudWatch::Alarm',
      })),
    });
  },
);

it('A first deployment is not watched: a trigger that does not exist yet would fail it', async () => {
  expect(await watched('10', 'eu-west-1', null)).toEqual(UNWATCHED);
});

it('An update that is not watched takes the alarms off that the update before had', async () => {
  expect(await watched('0', 'eu-west-1')).toEqual(UNWATCHED);
});

it('The alarms that put an update back exist', async () => {
  const text = await readFile(join(ROOT, 'infra/alarms-functions.yml'), 'utf8');

  for (const alarm of ['function-errors', 'api-errors', 'settings']) {
    expect(text).toContain(`AlarmName: \${self:custom.name}-${alarm}\n`);
  }
});

it('The workflow for GitHub uses no stored key, and may ask for no more than a token of its own', async () => {
  const text = await readExample('github-actions.yml');
  const { permissions, jobs } = parse(text);
  const steps: { uses?: string; with?: Record<string, string> }[] = jobs.deploy.steps;
  const login = steps.find(({ uses }) => uses?.startsWith('aws-actions/configure-aws-credentials@'));

  expect(text).not.toMatch(/secrets\.|access-key/i);
  expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  expect(login?.with?.['role-to-assume']).toBeDefined();
});

it('The role is lent to one environment of one repository', async () => {
  const { Statement } = JSON.parse(await readExample('github-trust-policy.json'));

  expect(Statement).toHaveLength(1);
  expect(Statement[0].Condition.StringEquals).toEqual({
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
    'token.actions.githubusercontent.com:sub': 'repo:<owner>/<repository>:environment:production',
  });
});
