// New code gets its traffic step by step, and gives it back when an alarm goes off: each function is called by an alias,
// which CodeDeploy moves from one version to the next. Pure: from the compiled template to the one that is deployed.

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

export interface Shift {
  /** Of CodeDeploy's own configurations, without `CodeDeployDefault.`. */
  readonly configuration: string;
  /** Logical ids of the alarms that undo it. */
  readonly alarms: readonly string[];
  /** The policy that bounds the roles of the stage, where it has one. */
  readonly permissionsBoundary?: string;
}

const FUNCTION = /^(\w+)LambdaFunction$/;
const ALIAS_NAME = 'live';

/** @param template compiled with a version of each function. */
export const shiftGradually = ({ Resources }: Template, shift: Shift): Template['Resources'] => {
  const names = Object.keys(Resources).flatMap((id) => FUNCTION.exec(id)?.[1] ?? []);
  return {
    ShiftApplication: { Type: 'AWS::CodeDeploy::Application', Properties: { ComputePlatform: 'Lambda' } },
    ShiftRole: shiftRole(shift),
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`${name}Shift`, deploymentGroup(shift)],
        [`${name}Alias`, alias(name, versionOf(name, Resources))],
        ...callersOf(name, Resources),
      ]),
    ),
  };
};

const shiftRole = ({ permissionsBoundary }: Shift): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'codedeploy.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
    ManagedPolicyArns: [
      { 'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited` },
    ],
    ...(permissionsBoundary === undefined ? {} : { PermissionsBoundary: permissionsBoundary }),
  },
});

/**
 * CodeDeploy shifts nothing while an alarm is on, not even what would mend it. Such code goes all at once, watched by no
 * alarm.
 */
const AT_ONCE = 'LambdaAllAtOnce';

const deploymentGroup = ({ configuration, alarms }: Shift): Resource => ({
  Type: 'AWS::CodeDeploy::DeploymentGroup',
  Properties: {
    ApplicationName: { Ref: 'ShiftApplication' },
    ServiceRoleArn: { 'Fn::GetAtt': ['ShiftRole', 'Arn'] },
    DeploymentConfigName: `CodeDeployDefault.${configuration}`,
    DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
    AlarmConfiguration:
      configuration === AT_ONCE
        ? { Enabled: false, Alarms: [] }
        : { Enabled: true, Alarms: alarms.map((id) => ({ Name: { Ref: id } })) },
    AutoRollbackConfiguration: {
      Enabled: true,
      Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
  },
});

/** Its name has a hash of the code, so that each deployment that changes something has another. */
const versionOf = (name: string, resources: Template['Resources']): string => {
  const found = Object.entries(resources).find(
    ([, { Type, Properties }]) =>
      Type === 'AWS::Lambda::Version' &&
      JSON.stringify(Properties['FunctionName']).includes(`"${name}LambdaFunction"`),
  );
  if (found === undefined) throw new Error(`The function ${name} has no version.`);
  return found[0];
};

const alias = (name: string, version: string): Resource & { readonly UpdatePolicy: object } => ({
  Type: 'AWS::Lambda::Alias',
  Properties: {
    FunctionName: { Ref: `${name}LambdaFunction` },
    FunctionVersion: { 'Fn::GetAtt': [version, 'Version'] },
    Name: ALIAS_NAME,
  },
  UpdatePolicy: {
    CodeDeployLambdaAliasUpdate: {
      ApplicationName: { Ref: 'ShiftApplication' },
      DeploymentGroupName: { Ref: `${name}Shift` },
    },
  },
});

/** By type, the property that says whom a resource calls. */
const CALLERS: Readonly<Record<string, string>> = {
  'AWS::Lambda::EventSourceMapping': 'FunctionName',
  'AWS::Lambda::Permission': 'FunctionName',
  'AWS::Lambda::Url': 'TargetFunctionArn',
  'AWS::ApiGatewayV2::Integration': 'IntegrationUri',
};

/** The same resources, calling the alias. The API must not before it may. */
const callersOf = (name: string, resources: Template['Resources']): [id: string, resource: Resource][] =>
  Object.entries(resources).flatMap(([id, resource]): [string, Resource][] => {
    const property = CALLERS[resource.Type];
    if (property === undefined || !callsFunction(resource.Properties[property], name)) return [];
    const Properties = { ...resource.Properties, [property]: { Ref: `${name}Alias` } };
    const isIntegration = resource.Type === 'AWS::ApiGatewayV2::Integration';
    const after = isIntegration ? { DependsOn: [`${name}LambdaPermissionHttpApi`] } : {};
    return [[id, { ...resource, ...after, Properties }]];
  });

const callsFunction = (value: unknown, name: string): boolean =>
  JSON.stringify(value) === JSON.stringify({ 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] });
