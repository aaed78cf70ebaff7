// The way in, of a stage with every option set: what API Gateway adds to the functions, and what it leaves alone.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVERY_OPTION as OPTIONS } from '../support/option-sets';
import { ofType, packageStage, type Resources } from '../support/package';

const TIMEOUT_MS = 120_000;

let folder: string;
let resources: Resources;

beforeAll(async () => {
  ({ folder, resources } = await packageStage(OPTIONS));
}, TIMEOUT_MS);

const propertiesOf = (logicalId: string): Readonly<Record<string, unknown>> =>
  resources[logicalId]?.Properties ?? {};

it('Requests beyond the throttle are answered by API Gateway', () => {
  expect(propertiesOf('HttpApiStage')['DefaultRouteSettings']).toEqual({
    ThrottlingRateLimit: '50',
    ThrottlingBurstLimit: '100',
  });
});

it('Access is logged without address, user agent or path, for the path may hold a write key', () => {
  const { Format: format } = propertiesOf('HttpApiStage')['AccessLogSettings'] as { Format: string };
  const fields = JSON.parse(format) as Record<string, string>;

  expect(Object.values(fields)).toEqual([
    '$context.requestId',
    '$context.routeKey',
    '$context.httpMethod',
    '$context.status',
    '$context.responseLength',
    '$context.responseLatency',
    '$context.integrationLatency',
    '$context.integrationErrorMessage',
    '$context.error.message',
  ]);
  expect(propertiesOf('HttpApiLogGroup')).toMatchObject({
    LogGroupName: '/aws/vendedlogs/cio-relay-prod/http-api',
    RetentionInDays: 7,
  });
});

it('A preflight reaches ingest, which alone answers CORS, and nothing asks for authorization', () => {
  const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);

  expect(propertiesOf('HttpApi')['CorsConfiguration']).toBeUndefined();
  expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
    '$default',
    'OPTIONS /{proxy+}',
    'POST /webhooks/customerio/{source}',
  ]);
  for (const route of routes) {
    expect(route['AuthorizationType'] ?? 'NONE').toBe('NONE');
    expect(JSON.stringify(route['Target'])).toContain(
      String(route['RouteKey']).startsWith('POST') ? 'IntegrationWebhook' : 'IntegrationIngest',
    );
  }
});

it('A name of your own takes TLS 1.2 and leads, by its base path where it has one, to the one stage', () => {
  expect(propertiesOf('Domain')).toEqual({
    DomainName: OPTIONS.domainName,
    DomainNameConfigurations: [
      { CertificateArn: OPTIONS.certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
    ],
  });
  expect(propertiesOf('DomainMapping')).toEqual({
    ApiId: { Ref: 'HttpApi' },
    DomainName: { Ref: 'Domain' },
    Stage: { Ref: 'HttpApiStage' },
    ApiMappingKey: OPTIONS.basePath,
  });
});

it('Its record is made where the hosted zone is known, and it can be the only way in', () => {
  expect(resources['DomainRecord']).toMatchObject({
    Properties: {
      HostedZoneId: OPTIONS.hostedZoneId,
      Name: OPTIONS.domainName,
      Type: 'A',
      AliasTarget: {
        DNSName: { 'Fn::GetAtt': ['Domain', 'RegionalDomainName'] },
        HostedZoneId: { 'Fn::GetAtt': ['Domain', 'RegionalHostedZoneId'] },
      },
    },
  });
  expect(propertiesOf('HttpApi')['DisableExecuteApiEndpoint']).toBe(true);
});

it(
  'Without it, and without an address for alarms, the template has neither, and no condition at all',
  async () => {
    const { folder: bare } = await packageStage();
    const template = JSON.parse(await readFile(templatePath(bare), 'utf8'));

    expect(template.Conditions).toBeUndefined();
    for (const id of ['Domain', 'DomainMapping', 'DomainRecord', 'AlarmEmail', 'KeyPolicy', 'TracingPolicy'])
      expect(template.Resources).not.toHaveProperty(id);
    for (const output of ['DomainTarget', 'DomainTargetZone'])
      expect(template.Outputs).not.toHaveProperty(output);
    expect(JSON.stringify(template)).not.toMatch(/KmsMasterKeyId|KmsKeyId|PermissionsBoundary|TracingConfig/);
  },
  TIMEOUT_MS,
);

it('With an address for alarms it is told of them', () => {
  expect(propertiesOf('AlarmEmail')).toEqual({
    TopicArn: { Ref: 'AlarmTopic' },
    Protocol: 'email',
    Endpoint: OPTIONS.alarmEmail,
  });
});

const templatePath = (of: string): string => join(of, 'cloudformation-template-update-stack.json');

describe('With a key of its own', () => {
  it('queues, topic and logs are under it', () => {
    for (const [, { Properties }] of ofType(resources, 'AWS::SQS::Queue'))
      expect(Properties).toMatchObject({ KmsMasterKeyId: OPTIONS.kmsKeyArn, SqsManagedSseEnabled: false });
    for (const [, { Properties }] of ofType(resources, 'AWS::Logs::LogGroup'))
      expect(Properties['KmsKeyId']).toBe(OPTIONS.kmsKeyArn);
    expect(propertiesOf('AlarmTopic')['KmsMasterKeyId']).toBe(OPTIONS.kmsKeyArn);
  });

  it('every function may use it for what it reads and writes, and for nothing else', () => {
    expect(propertiesOf('KeyPolicy')).toMatchObject({
      PolicyDocument: {
        Statement: [
          { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: OPTIONS.kmsKeyArn },
        ],
      },
      Roles: ['Ingest', 'Consumer', 'Webhook', 'Forwarder'].map((name) => ({ Ref: `${name}Role` })),
    });
  });
});

it('Every role has the boundary that an organisation asks for', () => {
  for (const [, { Properties }] of ofType(resources, 'AWS::IAM::Role'))
    expect(Properties['PermissionsBoundary']).toBe(OPTIONS.permissionsBoundary);
});

it('X-Ray traces every function where it is asked to', () => {
  for (const [, { Properties }] of ofType(resources, 'AWS::Lambda::Function'))
    expect(Properties['TracingConfig']).toEqual({ Mode: 'Active' });
  expect(propertiesOf('TracingPolicy')['PolicyDocument']).toMatchObject({
    Statement: [{ Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' }],
  });
});

it('The options of the endpoint reach ingest, and the log level every function', () => {
  const environmentOf = (name: string) => propertiesOf(`${name}LambdaFunction`)['Environment'];

  expect(environmentOf('Ingest')).toMatchObject({
    Variables: {
      ALLOWED_ORIGINS: OPTIONS.allowedOrigins,
      BASE_PATH: OPTIONS.basePath,
      PUBLIC_API_HOST: OPTIONS.publicApiHost,
      SERVE_ANALYTICS_JS: OPTIONS.serveAnalyticsJs,
      CLIENT_IP_HEADER: OPTIONS.clientIpHeader,
    },
  });
  for (const name of ['Ingest', 'Consumer', 'Webhook', 'Forwarder']) {
    expect(environmentOf(name)).toMatchObject({ Variables: { POWERTOOLS_LOG_LEVEL: 'WARN' } });
  }
});

it('Batches, memory and metrics are as the stage says', () => {
  for (const [, { Properties }] of ofType(resources, 'AWS::Lambda::EventSourceMapping')) {
    expect(Properties).toMatchObject({ BatchSize: 100, MaximumBatchingWindowInSeconds: 20 });
  }
  for (const [, { Properties }] of ofType(resources, 'AWS::Lambda::Function')) {
    expect(Properties).toMatchObject({
      MemorySize: 1024,
      Environment: { Variables: { SOURCE_METRICS: 'false' } },
    });
  }
});

it('Only CloudWatch, for this account, and only over TLS, may publish to the topic', () => {
  expect(propertiesOf('AlarmTopicPolicy')['PolicyDocument']).toMatchObject({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: 'AlarmTopic' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  });
});

it('No role may use a wildcard, but for the parts of its settings and the objects of its bucket', () => {
  const roles = ofType(resources, 'AWS::IAM::Role').flatMap(
    ([, { Properties }]) => Properties['Policies'] ?? [],
  );

  expect(roles).toHaveLength(5);
  expect(JSON.stringify(roles).replaceAll(/(\/sources|\$\{ArchiveBucket\.Arn\})\/\*"/g, '"')).not.toContain(
    '*',
  );
});

it('Nothing that is deployed, or kept of a deployment, holds a setting of a source', async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const deployed = texts.filter((_, at) => files[at] !== 'serverless-state.json');

  expect(files).toHaveLength(3);
  for (const text of deployed) {
    expect(text).not.toMatch(/writeKey|apiKey|siteId|signingKey|"SOURCES"|AWS_SECRET_ACCESS_KEY/i);
  }
});
