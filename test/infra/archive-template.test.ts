// The resources of an archive, as a stage with `archive: on` would create them.

import { join } from 'node:path';
import {
  ERRORS_PREFIX,
  EVENTS_PREFIX,
  errorDayOf,
  FORGOTTEN_PREFIX,
  partitionOf,
} from '../../infra/archive/layout';
import { headOf, tailOf } from '../../lib/archive/line';
import { packageStage, type Resources } from '../support/package';
import { unzip } from '../support/unzip';

const TIMEOUT_MS = 120_000;
const RECEIVED_AT = '2026-03-01T10:20:30.000Z';

let resources: Resources;

beforeAll(async () => {
  ({ resources } = await packageStage({ archive: 'on', archiveDays: '90' }));
}, TIMEOUT_MS);

/** By a path like `ArchiveTable.TableInput.Parameters`. */
const property = (path: string): unknown => {
  const [id = '', ...names] = path.split('.');
  return names.reduce<unknown>(
    (value, name) => (value as Record<string, unknown>)[name],
    resources[id]?.Properties,
  );
};

it('The bucket is encrypted, open to nobody, takes nothing but TLS, and outlives the stack', () => {
  expect(resources['ArchiveBucket']).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    },
  });
  expect(property('ArchiveBucketPolicy.PolicyDocument')).toMatchObject({
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [{ 'Fn::GetAtt': ['ArchiveBucket', 'Arn'] }, { 'Fn::Sub': `\${ArchiveBucket.Arn}/*` }],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
});

it('Nothing with an event in it is kept longer than the stage says, nor in an old version', () => {
  const { Rules: rules } = property('ArchiveBucket.LifecycleConfiguration') as {
    Rules: { Prefix?: string; ExpirationInDays?: number }[];
  };
  const days = Object.fromEntries(rules.map((rule) => [rule.Prefix, Number(rule.ExpirationInDays)]));

  expect(days).toMatchObject({ [EVENTS_PREFIX]: 90, [ERRORS_PREFIX]: 90, 'athena/': 1 });
  expect(Object.keys(days)).not.toContain(FORGOTTEN_PREFIX);
  expect(Object.keys(resources['ArchiveBucket']?.Properties ?? {})).not.toContain('VersioningConfiguration');
});

interface Processor {
  readonly Type: string;
  readonly Parameters: { readonly ParameterName: string; readonly ParameterValue: string }[];
}

const S3 = 'ArchiveStream.ExtendedS3DestinationConfiguration';

const parameterOf = (type: string, name: string): string | undefined =>
  (property(`${S3}.ProcessingConfiguration.Processors`) as Processor[])
    .find((processor) => processor.Type === type)
    ?.Parameters.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;

/** The few words of jq that the query is made of: `.field` and `.field[from:to]`. */
const extracted = (line: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    [
      ...(parameterOf('MetadataExtraction', 'MetadataExtractionQuery') ?? '').matchAll(
        /(\w+): \.(\w+)(?:\[(\d+):(\d+)\])?/g,
      ),
    ].map(([, key = '', field = '', from, to]) => [
      key,
      String(line[field]).slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
    ]),
  );

it('Firehose puts a line where the readers look for it', () => {
  const line = headOf({
    receivedAtMs: Date.parse(RECEIVED_AT),
    endedAtMs: 0,
    source: 'shop',
    workspace: undefined,
    outcome: 'delivered',
    reason: undefined,
    detail: undefined,
    attempts: 1,
  });
  const keys = extracted(
    JSON.parse(line + tailOf({ messageId: 'm', type: 'track' })) as Record<string, unknown>,
  );
  const place = String(property(`${S3}.Prefix`)).replace(
    /!\{partitionKeyFromQuery:(\w+)\}/g,
    (_, key: string) => keys[key] ?? '',
  );

  expect(place).toBe(partitionOf('shop', RECEIVED_AT));
  const error = String(property(`${S3}.ErrorOutputPrefix`))
    .replace('!{firehose:error-output-type}', 'processing-failed')
    .replace('!{timestamp:yyyy-MM-dd}', '2026-03-01');

  expect(error).toMatch(new RegExp(`^${ERRORS_PREFIX}`));
  expect(errorDayOf(`${error}cio-relay-1-2026-03-01-10-20-30-a.gz`)).toBe('2026-03-01');
});

it('Records are taken apart into lines and compressed, and kept back for five minutes at most', () => {
  expect(parameterOf('RecordDeAggregation', 'SubRecordType')).toBe('JSON');
  expect(parameterOf('AppendDelimiterToRecord', 'Delimiter')).toBe('\\n');
  expect(property(S3)).toMatchObject({
    CompressionFormat: 'GZIP',
    BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 64 },
    DynamicPartitioningConfiguration: { Enabled: true },
  });
});

it('The table has every field of a line, and computes its partitions from the same place', () => {
  const line = {
    ...{ receivedAt: '', endedAt: '', workspace: '', outcome: '', reason: '', detail: '', attempts: 1 },
    ...{ messageId: '', type: '', event: {}, eventLeftOut: '', eventChanged: true },
  };
  const columns = property('ArchiveTable.TableInput.StorageDescriptor.Columns') as { Name: string }[];
  const parameters = property('ArchiveTable.TableInput.Parameters') as Record<string, unknown>;
  const template = parameters['storage.location.template'] as { 'Fn::Join': [string, unknown[]] };
  const [, parts] = template['Fn::Join'];

  expect(columns.map(({ Name }) => Name)).toEqual(Object.keys(line).map((name) => name.toLowerCase()));
  expect(parts.filter((part) => typeof part === 'string').join('')).toBe(
    `s3:///events/source=\${source}/day=\${day}/hour=\${hour}/`,
  );
  expect(parameters).toMatchObject({ 'projection.enabled': 'true', 'projection.day.format': 'yyyy-MM-dd' });
});

/**
 * As Athena's serializer has it: with `case.insensitive` all keys of a line are in lower case, those within its event
 * too, and a line that has two which differ in nothing else is none.
 */
it('Athena reads an event with its keys as they are, and every field of a line by its name', () => {
  const line = {
    ...{ receivedAt: '', endedAt: '', workspace: '', outcome: '', reason: '', detail: '', attempts: 1 },
    ...{ messageId: '', type: '', event: {}, eventLeftOut: '', eventChanged: true },
  };
  const table = 'ArchiveTable.TableInput.StorageDescriptor';
  const columns = property(`${table}.Columns`) as { Name: string }[];
  const parameters = property(`${table}.SerdeInfo.Parameters`) as Record<string, string>;

  expect(parameters['case.insensitive']).toBe('FALSE');
  expect(columns.map(({ Name }) => parameters[`mapping.${Name}`] ?? Name)).toEqual(Object.keys(line));
});

it('The consumer is told of the stream and may put records there; no other function knows of it', () => {
  const told = Object.entries(resources).filter(([, { Properties }]) =>
    JSON.stringify(Properties['Environment'] ?? {}).includes('"Ref":"ArchiveStream"'),
  );

  expect(told.map(([id]) => id)).toEqual(['ConsumerLambdaFunction']);
  expect(property('ArchiveConsumerPolicy')).toMatchObject({
    RoleName: { Ref: 'ConsumerRole' },
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'firehose:PutRecordBatch',
          Resource: { 'Fn::GetAtt': ['ArchiveStream', 'Arn'] },
        },
      ],
    },
  });
});

it('Its alarms say where their runbook is, and go to the topic', () => {
  for (const name of ['archive-failed', 'archive-late', 'archive-unplaced']) {
    const [, { Properties: properties } = { Properties: {} }] =
      Object.entries(resources).find(
        ([, { Properties }]) => Properties['AlarmName'] === `cio-relay-prod-${name}`,
      ) ?? [];

    expect(properties).toMatchObject({
      AlarmDescription: expect.stringContaining(`docs/operations.md#${name} `),
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      OKActions: [{ Ref: 'AlarmTopic' }],
    });
  }
});

it('It is told where Firehose has more places at once than it takes, and puts lines where no query looks', () => {
  expect(property('ArchiveUnplacedAlarm')).toMatchObject({
    Namespace: 'AWS/Firehose',
    MetricName: 'PartitionCountExceeded',
    Dimensions: [{ Name: 'DeliveryStreamName', Value: { Ref: 'ArchiveStream' } }],
    Statistic: 'Maximum',
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  });
});

it('Its client is in the bundle of a stage with an archive, and of no other', async () => {
  const sizes = await Promise.all(
    ['on', 'off'].map(async (archive) => {
      const { folder } = await packageStage(archive === 'on' ? { archive, archiveDays: '90' } : {});
      return (await unzip(join(folder, 'consumer.zip'))).get('functions/consumer.js')?.toString() ?? '';
    }),
  );

  expect(sizes.map((code) => code.includes('Firehose_20150804'))).toEqual([true, false]);
});
