// Every option that a stage has, in sets as they are used together: each compiled template holds nothing but what
// CloudFormation's own resource types know.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageResources, type Resources } from '../support/package';
import { schemaMistakes } from '../support/template-schema';

const TIMEOUT_MS = 120_000;
const DOMAIN = {
  domainName: 'events.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/c',
};

const OPTION_SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  none: {},
  'a domain': DOMAIN,
  'a domain, all of it in AWS': { ...DOMAIN, hostedZoneId: 'Z0123456789', disableDefaultEndpoint: 'true' },
  'a domain that leads to other APIs too': { ...DOMAIN, basePath: 'in/events', publicApiHost: 'x.org/in' },
  'much traffic': { maxConsumers: '50', maxForwarders: '10', throttleRequestsPerSecond: '10000' },
  'somebody who is told': { alarmEmail: 'oncall@example.com', lateAfterSeconds: '300', logLevel: 'WARN' },
  'sources that are watched': { watchedSources: 'web-site,app_2,*', silentAfterMinutes: '90' },
  'little to spend': { sourceMetrics: 'false', batchingWindowSeconds: '20', memorySize: '256' },
  'an archive': { archive: 'on', archiveDays: '365' },
  'a role for CloudFormation': {
    deploymentRole: 'arn:aws:iam::111122223333:role/deploy',
    deletionProtection: 'false',
    logRetentionInDays: '365',
  },
};

let outDir: string;

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'cio-relay-options-'));
});

afterAll(() => rm(outDir, { recursive: true }));

it.each(Object.entries(OPTION_SETS))(
  'CloudFormation’s types know all of a stage with %s',
  async (_, options) => {
    const resources = await packageResources('prod', outDir, options);

    expect(schemaMistakes(resources)).toEqual([]);
    expect(Object.keys(resources).length).toBeGreaterThan(40);
  },
  TIMEOUT_MS,
);

it.each([
  ['a type', { Q: { Type: 'AWS::SQS::Qeue', Properties: {} } }, 'Q: there is no type AWS::SQS::Qeue'],
  ['a property', { Q: queue({ Colour: 'red' }) }, 'Q.Colour does not exist'],
  ['a number', { Q: queue({ VisibilityTimeout: 'soon' }) }, 'Q.VisibilityTimeout must be of type integer'],
  [
    'what is required',
    { R: { Type: 'AWS::ApiGatewayV2::Route', Properties: { ApiId: 'a' } } },
    'R.RouteKey is required',
  ],
])('A mistake in %s is seen', (_, resources: Resources, mistake) => {
  expect(schemaMistakes(resources)).toEqual([mistake]);
});

function queue(properties: Resources[string]['Properties']) {
  return { Type: 'AWS::SQS::Queue', Properties: properties };
}
