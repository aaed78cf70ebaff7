// A function URL in the place of API Gateway: who may call it, what still goes through the HTTP API, and what watches it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FUNCTION_URL } from '../support/option-sets';
import { ofType, packageStage, type Resources } from '../support/package';

const TIMEOUT_MS = 120_000;
const INGEST = { 'Fn::GetAtt': ['IngestLambdaFunction', 'Arn'] };

let folder: string;
let plain: Resources;
let shifted: Resources;
let bare: Resources;

beforeAll(async () => {
  ({ folder, resources: plain } = await packageStage({ door: 'url' }));
  ({ resources: shifted } = await packageStage(FUNCTION_URL));
  ({ resources: bare } = await packageStage());
}, TIMEOUT_MS);

const permissionsOfIngest = (resources: Resources): unknown[] =>
  ofType(resources, 'AWS::Lambda::Permission')
    .filter(([id]) => id.startsWith('Ingest'))
    .map(([, { Properties }]) => Properties);

it('Anybody may call ingest by its URL, which takes two permissions, and by nothing else', () => {
  expect(plain['IngestLambdaFunctionUrl']?.Properties).toEqual({
    AuthType: 'NONE',
    TargetFunctionArn: INGEST,
  });
  expect(permissionsOfIngest(plain)).toEqual([
    {
      FunctionName: INGEST,
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    },
    { FunctionName: INGEST, Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true },
  ]);
});

it('Where traffic is shifted, the URL and its permissions are those of the alias', () => {
  expect(shifted['IngestLambdaFunctionUrl']?.Properties['TargetFunctionArn']).toEqual({ Ref: 'IngestAlias' });
  for (const permission of permissionsOfIngest(shifted))
    expect(permission).toMatchObject({ FunctionName: { Ref: 'IngestAlias' } });
});

it('Lambda answers no CORS, which would contradict that of ingest', () => {
  for (const [, { Properties }] of ofType(plain, 'AWS::Lambda::Url'))
    expect(Properties['Cors']).toBeUndefined();
});

it('Only webhooks go through the HTTP API', () => {
  const routes = ofType(plain, 'AWS::ApiGatewayV2::Route').map(
    ([, { Properties }]) => Properties['RouteKey'],
  );

  expect(routes).toEqual(['POST /webhooks/customerio/{source}']);
  expect(ofType(plain, 'AWS::ApiGatewayV2::Integration')).toHaveLength(1);
});

it('What is reserved for ingest is its throttle, and no other function has any', () => {
  const reserved = ofType(shifted, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) =>
    'ReservedConcurrentExecutions' in Properties ? [[id, Properties['ReservedConcurrentExecutions']]] : [],
  );

  expect(reserved).toEqual([['IngestLambdaFunction', 100]]);
});

it('The alarm and the dashboard look at what the URL answered, and at the webhooks’ API', () => {
  const queries = plain['ApiErrorsAlarm']?.Properties['Metrics'] as readonly Query[];
  const metrics = queries.flatMap(({ MetricStat: stat }) =>
    stat === undefined ? [] : [`${stat.Metric.Namespace} ${stat.Metric.MetricName}`],
  );

  expect(metrics.sort()).toEqual([
    'AWS/ApiGateway 5xx',
    'AWS/ApiGateway Count',
    'AWS/Lambda Url5xxCount',
    'AWS/Lambda UrlRequestCount',
  ]);
  expect(
    queries.filter(({ ReturnData }) => ReturnData !== false).map(({ Expression }) => Expression),
  ).toEqual(['100 * (FILL(errors, 0) + FILL(urlErrors, 0)) / IF(all < 100, 100, all)']);
  expect(JSON.stringify(plain['Dashboard'])).toContain('Url4xxCount');
});

interface Query {
  readonly ReturnData?: boolean;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: { readonly Namespace: string; readonly MetricName: string } };
}

it('The stack says where it is, and a stage with API Gateway has none of it', async () => {
  const path = join(folder, 'cloudformation-template-update-stack.json');
  const { Outputs: outputs } = JSON.parse(await readFile(path, 'utf8'));

  expect(outputs.IngestLambdaFunctionUrl.Value).toEqual({
    'Fn::GetAtt': ['IngestLambdaFunctionUrl', 'FunctionUrl'],
  });
  expect(JSON.stringify(bare)).not.toMatch(/FunctionUrl|ReservedConcurrent|Url5xx/);
});
