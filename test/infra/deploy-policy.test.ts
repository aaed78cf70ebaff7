// The documented policies suffice: every action that CloudFormation's handlers of the deployed types may call is
// allowed on what they call it on, or needs a property that no resource here has.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { allows, denies, type Policy, readPolicy } from '../support/iam-policy';
import { EVERY_OPTION, FUNCTION_URL } from '../support/option-sets';
import { packageStage, type Resources, type StageOptions } from '../support/package';

const ROOT = resolve(__dirname, '../..');
const TIMEOUT_MS = 120_000;
const DEPLOYER = readPolicy(join(ROOT, 'examples/deploy/deployer-policy.json'));
const ARCHIVE = readPolicy(join(ROOT, 'examples/deploy/archive-policy.json'));
const RESOURCES = readPolicy(join(ROOT, 'examples/deploy/resources-policy.json'));
const DOOR = readPolicy(join(ROOT, 'examples/deploy/door-policy.json'));
const BOUNDARY = readPolicy(join(ROOT, 'examples/deploy/role-boundary.json'));
const BOUNDED_ROLES = readPolicy(join(ROOT, 'examples/deploy/bounded-roles-policy.json'));
const SHIFT = readPolicy(join(ROOT, 'examples/deploy/shift-policy.json'));

interface Handlers {
  readonly arns: readonly string[];
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

let resources: Resources;
/** The same of a stage with an archive. */
let withArchive: Resources;
/** The same of a stage whose traffic is shifted. */
let shifted: Resources;
/** The same of a stage whose door is a function URL. */
let withUrl: Resources;
let handlers: Readonly<Record<string, Handlers>>;

beforeAll(async () => {
  const [bare, full, url] = await Promise.all([
    packageStage(),
    packageStage(EVERY_OPTION),
    packageStage(FUNCTION_URL),
  ]);
  withUrl = url.resources;
  const all = { ...bare.resources, ...full.resources };
  const without = (isOut: (id: string, resource: Resources[string]) => boolean): Resources =>
    Object.fromEntries(Object.entries(all).filter(([id, resource]) => !isOut(id, resource)));
  shifted = without(isOfArchive);
  withArchive = without(isOfShift);
  resources = without((id, resource) => isOfArchive(id) || isOfShift(id, resource));
  const text = await readFile(join(ROOT, 'test/fixtures/cloudformation/permissions.json'), 'utf8');
  handlers = (JSON.parse(text) as { types: Record<string, Handlers> }).types;
}, TIMEOUT_MS);

/** Actions that a handler calls for a property alone, by type: the action's pattern, and the property. */
const FOR_A_PROPERTY: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  'AWS::Lambda::Function': [
    [/^ec2:/, 'VpcConfig'],
    [/^elasticfilesystem:/, 'FileSystemConfigs'],
    [/^kms:/, 'KmsKeyArn'],
    [/FunctionConcurrency$/, 'ReservedConcurrentExecutions'],
    [/^lambda:GetLayerVersion$/, 'Layers'],
    [/^s3:GetObjectVersion$/, 'S3ObjectVersion'],
    [/^lambda:(GetCodeSigningConfig|(Put|Delete)FunctionCodeSigningConfig)$/, 'CodeSigningConfigArn'],
    [/^lambda:PutRuntimeManagementConfig$/, 'RuntimeManagementConfig'],
    [/^lambda:PutFunctionRecursionConfig$/, 'RecursiveLoop'],
    [/^lambda:PutFunctionScalingConfig$/, 'FunctionScalingConfig'],
  ],
  'AWS::Lambda::EventSourceMapping': [[/^kms:/, 'KmsKeyArn']],
  'AWS::Lambda::Version': [
    [/ProvisionedConcurrency/, 'ProvisionedConcurrencyConfig'],
    [/^lambda:PutRuntimeManagementConfig$/, 'RuntimePolicy'],
    [/^lambda:PutFunctionScalingConfig$/, 'FunctionScalingConfig'],
  ],
  'AWS::Lambda::Alias': [[/ProvisionedConcurrency/, 'ProvisionedConcurrencyConfig']],
  'AWS::CodeDeploy::DeploymentGroup': [[/OnPremises/, 'OnPremisesTagSet']],
  'AWS::Logs::LogGroup': [
    [/^logs:PutDataProtectionPolicy$|^firehose:|^s3:/, 'DataProtectionPolicy'],
    [/KmsKey$/, 'KmsKeyId'],
  ],
  'AWS::KinesisFirehose::DeliveryStream': [[/^kms:/, 'KeyARN']],
  'AWS::ApiGatewayV2::Api': [[/^s3:getObject$/, 'BodyS3Location']],
  'AWS::ApiGatewayV2::Integration': [[/^iam:PassRole$/, 'CredentialsArn']],
  'AWS::SNS::Topic': [
    [/^sns:PutDataProtectionPolicy$/, 'DataProtectionPolicy'],
    [/^iam:/, 'DeliveryStatusLogging'],
  ],
  'AWS::IAM::Role': [
    [/^iam:(Attach|Detach)RolePolicy$/, 'ManagedPolicyArns'],
    [/RolePermissionsBoundary$/, 'PermissionsBoundary'],
    [/^iam:UpdateRoleDescription$/, 'Description'],
  ],
  // osls gives its bucket encryption and nothing else.
  'AWS::S3::Bucket': [
    [/Acl$/i, 'AccessControl'],
    [/Analytics/, 'AnalyticsConfigurations'],
    [/CORS$/i, 'CorsConfiguration'],
    [/Inventory/, 'InventoryConfigurations'],
    [/Lifecycle/, 'LifecycleConfiguration'],
    [/Metrics/, 'MetricsConfigurations'],
    [/Notification/, 'NotificationConfiguration'],
    [/Replication|^iam:PassRole$/, 'ReplicationConfiguration'],
    [/Website/, 'WebsiteConfiguration'],
    [/Accelerate/, 'AccelerateConfiguration'],
    [/PublicAccessBlock/, 'PublicAccessBlockConfiguration'],
    [/ObjectLock|^s3:DeleteObject$/, 'ObjectLockConfiguration'],
    [/Logging/, 'LoggingConfiguration'],
    [/Versioning/, 'VersioningConfiguration'],
    [/OwnershipControls/, 'OwnershipControls'],
    [/IntelligentTiering/, 'IntelligentTieringConfigurations'],
    [/^s3:DeleteBucketEncryption$/, 'BucketKeyEnabled'],
  ],
};

/** What an action of another service than the type's own is called on. */
const OF_OTHER_SERVICES: Readonly<Record<string, string>> = {
  iam: 'arn:aws:iam::<account>:role/cio-relay-prod-IngestRole-1',
  s3: 'arn:aws:s3:::cio-relay-prod-serverlessdeploymentbucket-1/package.zip',
  logs: 'any',
  codedeploy: 'arn:aws:codedeploy:<region>:<account>:deploymentgroup:cio-relay-prod-ShiftApplication-1/1',
};

const serviceOf = (action: string): string => action.slice(0, action.indexOf(':'));

const isOfArchive = (id: string): boolean => id.startsWith('Archive');

const isOfShift = (id: string, { Type }: Resources[string]): boolean =>
  id === 'ShiftRole' || /^AWS::(CodeDeploy::|Lambda::(Alias|Version)$)/.test(Type);

const isUsed = (type: string, property: string, template: Resources): boolean =>
  Object.values(template).some(
    (resource) => resource.Type === type && JSON.stringify(resource.Properties).includes(`"${property}":`),
  );

const isNeeded = (type: string, action: string, template: Resources): boolean => {
  const properties = (FOR_A_PROPERTY[type] ?? []).filter(([pattern]) => pattern.test(action));
  return properties.length === 0 || properties.some(([, property]) => isUsed(type, property, template));
};

const neededBy = (type: string, template = resources): string[] => {
  const actions = new Set(Object.values(handlers[type]?.permissions ?? {}).flat());
  return [...actions].filter((action) => isNeeded(type, action, template));
};

/** `action on arn` of what the policy does not allow. */
const missing = (policy: Policy, type: string, template = resources): string[] =>
  neededBy(type, template).flatMap((action) => {
    const own = handlers[type]?.arns ?? [];
    const isOwn = own.some((arn) => arn.split(':')[2] === serviceOf(action));
    const arns = isOwn ? own : [OF_OTHER_SERVICES[serviceOf(action)] ?? 'any'];
    return arns.flatMap((arn) => (allows(policy, action, arn) ? [] : [`${type}: ${action} on ${arn}`]));
  });

const deployedTypes = (template = resources): string[] => [
  ...new Set(Object.values(template).map(({ Type }) => Type)),
];

it('The handlers of every deployed type are known', () => {
  expect(deployedTypes(withArchive).filter((type) => handlers[type] === undefined)).toEqual([]);
});

it('The policy of resources allows what CloudFormation calls to create, read, update and delete each of them', () => {
  const lacking = deployedTypes().flatMap((type) => missing(RESOURCES, type));

  expect(lacking).toEqual([]);
});

it('With an archive it needs the policy of that besides, and has no use for more', () => {
  const both: Policy = { ...RESOURCES, Statement: [...RESOURCES.Statement, ...ARCHIVE.Statement] };
  const types = deployedTypes(withArchive);
  const needed = new Set(
    types.flatMap((type) => neededBy(type, withArchive)).map((one) => one.toLowerCase()),
  );
  const allowed = ARCHIVE.Statement.flatMap(({ Action }) => Action);

  expect(types.flatMap((type) => missing(both, type, withArchive))).toEqual([]);
  expect(allowed.filter((action) => !needed.has(action.toLowerCase()))).toEqual([]);
});

it('With the policy of shifting it allows that too', () => {
  const policy = { ...RESOURCES, Statement: [...RESOURCES.Statement, ...SHIFT.Statement] };
  const types = deployedTypes(shifted);

  expect(types.filter((type) => handlers[type] === undefined)).toEqual([]);
  expect(types.flatMap((type) => missing(policy, type, shifted))).toEqual([]);
});

it('With the policy of the door it allows a function URL and what is reserved, and has no use for more', () => {
  const both = [RESOURCES, DOOR, SHIFT, ARCHIVE].flatMap(({ Statement }) => Statement);
  const types = deployedTypes(withUrl);
  const needed = new Set(types.flatMap((type) => neededBy(type, withUrl)));

  expect(types.filter((type) => handlers[type] === undefined)).toEqual([]);
  expect(types.flatMap((type) => missing({ ...RESOURCES, Statement: both }, type, withUrl))).toEqual([]);
  expect(types.flatMap((type) => missing(RESOURCES, type, withUrl))).toContain(
    'AWS::Lambda::Url: lambda:CreateFunctionUrlConfig on arn:aws:lambda:<region>:<account>:function:cio-relay-prod-ingest',
  );
  expect(DOOR.Statement.flatMap(({ Action }) => Action).filter((action) => !needed.has(action))).toEqual([]);
});

it('Tags of the stack reach every type that has tags, and may be taken away again', () => {
  const tagging = deployedTypes(shifted)
    .flatMap((type) => neededBy(type, shifted))
    .filter((action) => /:(tag|untag)/i.test(action));

  expect([...new Set(tagging)].sort()).toEqual([
    'apigateway:TagResource',
    'apigateway:UntagResource',
    'cloudwatch:TagResource',
    'cloudwatch:UntagResource',
    'codedeploy:TagResource',
    'codedeploy:UntagResource',
    'iam:TagRole',
    'iam:UntagRole',
    'lambda:TagResource',
    'lambda:UntagResource',
    'logs:TagResource',
    'logs:UntagResource',
    's3:TagResource',
    's3:UntagResource',
    'sns:TagResource',
    'sns:UntagResource',
    'sqs:TagQueue',
    'sqs:UntagQueue',
  ]);
});

it.each([
  ['deployer', DEPLOYER],
  ['resources', RESOURCES],
  ['archive', ARCHIVE],
  ['door', DOOR],
  ['shifting', SHIFT],
])('The policy of the %s fits a managed policy, and allows no action by a pattern', (_, policy) => {
  const actions = policy.Statement.flatMap(({ Action }) => Action);

  expect(JSON.stringify(policy).length).toBeLessThan(MAX_POLICY_CHARACTERS);
  expect(actions.filter((action) => !/^[a-z0-9]+:[A-Za-z0-9]+$/.test(action))).toEqual([]);
});

/** IAM's quota of a managed policy, white space not counted; what replaces `<region>` and `<account>` is longer. */
const MAX_POLICY_CHARACTERS = 6_144 - 500;

it('A role may be given to Lambda alone, and one to Firehose where there is an archive', () => {
  const passing = RESOURCES.Statement.filter(({ Action }) => [Action].flat().includes('iam:PassRole'));

  expect(passing).toEqual([
    expect.objectContaining({
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    }),
  ]);
  expect(ARCHIVE.Statement.filter(({ Action }) => [Action].flat().includes('iam:PassRole'))).toEqual([
    expect.objectContaining({
      Condition: { StringEquals: { 'iam:PassedToService': 'firehose.amazonaws.com' } },
    }),
  ]);
});

it(
  'CloudFormation works with a role of its own where the stage names one',
  async () => {
    const roleOf = async (options: StageOptions): Promise<unknown> => {
      const { folder } = await packageStage(options);
      const state = JSON.parse(await readFile(join(folder, 'serverless-state.json'), 'utf8'));
      return state.service.provider.iam?.deploymentRole ?? 'none';
    };

    expect(await roleOf({})).toBe('none');
    expect(await roleOf(EVERY_OPTION)).toBe(EVERY_OPTION.deploymentRole);
  },
  TIMEOUT_MS,
);

it('docs/operations.md names all three', async () => {
  const text = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');

  expect(text).toContain('examples/deploy/deployer-policy.json');
  expect(text).toContain('examples/deploy/resources-policy.json');
});

/** What the roles of the stack act on, by service. */
const ACTED_ON: Readonly<Record<string, readonly string[]>> = {
  sqs: ['arn:aws:sqs:<region>:<account>:cio-relay-prod-events'],
  ssm: ['', '/0123456789abcdef'].map(
    (part) => `arn:aws:ssm:<region>:<account>:parameter/cio-relay/prod/sources${part}`,
  ),
  logs: ['arn:aws:logs:<region>:<account>:log-group:/aws/lambda/cio-relay-prod-ingest:*'],
  kms: ['arn:aws:kms:<region>:<account>:key/1'],
  xray: ['*'],
  firehose: ['arn:aws:firehose:<region>:<account>:deliverystream/cio-relay-prod-archive'],
  s3: ['arn:aws:s3:::cio-relay-prod-archive-1', 'arn:aws:s3:::cio-relay-prod-archive-1/events/1.gz'],
};

/** What CodeDeploy needs for functions, of the policy of AWS that its role has. */
const OF_CODE_DEPLOY = [
  ...['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
  'cloudwatch:DescribeAlarms',
];

interface Granting {
  readonly PolicyDocument?: Policy;
  readonly Policies?: readonly { readonly PolicyDocument: Policy }[];
}

/** Of each role: by its own policies, and by those that are given to several. */
const grantedActions = (template: Resources): string[] =>
  Object.values(template).flatMap(({ Type, Properties }) => {
    if (!Type.startsWith('AWS::IAM::')) return [];
    const { PolicyDocument, Policies = [] } = Properties as Granting;
    const documents = [PolicyDocument, ...Policies.map((policy) => policy.PolicyDocument)];
    return documents.flatMap((document) => document?.Statement.flatMap(({ Action }) => Action) ?? []);
  });

it('The boundary allows whatever a role of the stack is given, with every option, and nothing more', () => {
  const granted = new Set([...grantedActions(withArchive), ...grantedActions(withUrl)]);
  const lacking = [...granted].filter(
    (action) => !(ACTED_ON[serviceOf(action)] ?? []).some((arn) => allows(BOUNDARY, action, arn)),
  );
  const unused = BOUNDARY.Statement.flatMap(({ Action }) => Action).filter(
    (action) => !granted.has(action) && !OF_CODE_DEPLOY.includes(action),
  );

  expect(granted.size).toBeGreaterThan(15);
  expect({ lacking, unused }).toEqual({ lacking: [], unused: [] });
});

it('Whoever deploys with bounded roles gives no role more than the boundary, and takes it from none', () => {
  const role = 'arn:aws:iam::<account>:role/cio-relay-prod-IngestRole-1';
  const boundary = 'arn:aws:iam::<account>:policy/cio-relay-boundary';
  const giving = [RESOURCES, SHIFT]
    .flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))
    .filter((action) => /^iam:(Create|Put|Attach)/.test(action));
  const isDenied = (action: string, arn: string, bound?: string): boolean =>
    denies(BOUNDED_ROLES, action, arn, bound === undefined ? {} : { 'iam:PermissionsBoundary': bound });

  expect(giving.sort()).toEqual([
    ...['iam:AttachRolePolicy', 'iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy'],
  ]);
  for (const action of giving) {
    expect(isDenied(action, role)).toBe(true);
    expect(isDenied(action, role, 'arn:aws:iam::aws:policy/AdministratorAccess')).toBe(true);
    expect(isDenied(action, role, boundary)).toBe(false);
  }
  expect(isDenied('iam:DeleteRolePermissionsBoundary', role, boundary)).toBe(true);
  expect(isDenied('iam:CreatePolicyVersion', boundary)).toBe(true);
});
