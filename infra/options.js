// What only some stages have besides a domain: somebody who is told of alarms, a key of one's own, a boundary of the
// roles, tracing. Each adds to the resources of the other fragments, and nothing at all where it is not asked for.

const FUNCTIONS = ['Ingest', 'Consumer', 'Webhook', 'Forwarder'];
const QUEUES = ['EventQueue', 'DeadLetterQueue', 'ActivityQueue', 'ActivityDeadLetterQueue'];
const ROLES = FUNCTIONS.map((name) => `${name}Role`);
const LOG_GROUPS = [...FUNCTIONS, 'HttpApi'].map((name) => `${name}LogGroup`);

/** Parameters of the stage as text, by name; `''` for one that is not set. */
const optionsOf = async (names, resolveVariable) =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, `${(await resolveVariable(`param:${name}`)) ?? ''}`])),
  );

/** What osls asks for the resources; it gives the stage's parameters through `resolveVariable`. */
module.exports = async ({ resolveVariable }) => {
  const names = ['alarmEmail', 'kmsKeyArn', 'permissionsBoundary', 'tracing', 'archive'];
  const { alarmEmail, kmsKeyArn, permissionsBoundary, tracing, archive } = await optionsOf(
    names,
    resolveVariable,
  );
  const hasArchive = archive === 'on';
  const parts = [
    ...(alarmEmail === '' ? [] : [subscription(alarmEmail)]),
    ...(kmsKeyArn === '' ? [] : [encryption(kmsKeyArn)]),
    ...(kmsKeyArn !== '' && hasArchive ? [archiveEncryption(kmsKeyArn)] : []),
    ...(permissionsBoundary === '' ? [] : [boundary(permissionsBoundary, hasArchive)]),
    ...(tracing === 'true' ? [traces()] : []),
  ];
  return { Resources: mergeAll(parts), extensions: kmsKeyArn === '' ? {} : encryptedLogs(kmsKeyArn) };
};
module.exports.optionsOf = optionsOf;

/** Two options may say something of one resource, a role for example. */
const mergeAll = (parts) => {
  const merged = {};
  for (const [id, { Properties, ...resource }] of parts.flatMap(Object.entries)) {
    merged[id] = { ...merged[id], ...resource, Properties: { ...merged[id]?.Properties, ...Properties } };
  }
  return merged;
};

const ofEach = (ids, Properties) => Object.fromEntries(ids.map((id) => [id, { Properties }]));

const subscription = (address) => ({
  AlarmEmail: {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: address },
  },
});

/** The settings parameter may be under the same key: the functions may use it for all they read and write. */
const encryption = (key) => ({
  ...ofEach(QUEUES, {
    SqsManagedSseEnabled: false,
    KmsMasterKeyId: key,
    KmsDataKeyReusePeriodSeconds: 3_600,
  }),
  ...ofEach(['AlarmTopic'], { KmsMasterKeyId: key }),
  KeyPolicy: policyOf('key', ['kms:Decrypt', 'kms:GenerateDataKey'], key),
});

const encryptedLogs = (key) => ofEach(LOG_GROUPS, { KmsKeyId: key });

/** Firehose writes with its own role. */
const archiveEncryption = (key) => ({
  ArchiveBucket: {
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } },
        ],
      },
    },
  },
  ArchiveKeyPolicy: {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'key',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key }],
      },
      Roles: [{ Ref: 'ArchiveStreamRole' }],
    },
  },
});

const boundary = (policy, hasArchive) =>
  ofEach([...ROLES, ...(hasArchive ? ['ArchiveStreamRole'] : [])], { PermissionsBoundary: policy });

/** Traces belong to no resource: X-Ray knows no other one than `*`. */
const traces = () => ({
  TracingPolicy: policyOf('tracing', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
});

const policyOf = (name, Action, Resource) => ({
  Type: 'AWS::IAM::Policy',
  Properties: {
    PolicyName: name,
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] },
    Roles: ROLES.map((role) => ({ Ref: role })),
  },
});
