// The queues of the CloudFormation fragments as a local SQS can create them. Pure: the fragments are the only
// place that says what queues there are, and an attribute SQS takes is passed on, never chosen here.

export type CloudFormationResources = Readonly<
  Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
>;

export interface QueueDefinition {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** SQS's API takes every attribute as a string, policies as JSON. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The account every local AWS has. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** Properties that CloudFormation has and SQS's attributes do not. */
const NOT_ATTRIBUTES: ReadonlySet<string> = new Set(['QueueName', 'Tags']);

/** @throws Error for a queue without a literal name, or with an intrinsic function this does not know. */
export const queueDefinitions = (resources: CloudFormationResources, region: string): QueueDefinition[] => {
  const queues = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::SQS::Queue');
  const arns = new Map(
    queues.map(([id, { Properties }]) => [id, queueArn(id, Properties?.['QueueName'], region)]),
  );
  return queues.map(([logicalId, { Properties: properties = {} }]) => ({
    logicalId,
    name: String(properties['QueueName']),
    arn: arns.get(logicalId) ?? '',
    attributes: Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => !NOT_ATTRIBUTES.has(name))
        .map(([name, value]) => [name, asText(resolve(value, { arns, region }))]),
    ),
  }));
};

const queueArn = (logicalId: string, name: unknown, region: string): string => {
  if (typeof name !== 'string') throw new Error(`The queue ${logicalId} needs a literal QueueName.`);
  return `arn:aws:sqs:${region}:${LOCAL_ACCOUNT_ID}:${name}`;
};

const asText = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

interface Scope {
  readonly arns: ReadonlyMap<string, string>;
  readonly region: string;
}

const resolve = (value: unknown, scope: Scope): unknown => {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  if ('Fn::GetAtt' in value) return resolveArn(value['Fn::GetAtt'], scope);
  if ('Fn::Sub' in value) return substitute(value['Fn::Sub'], scope);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, scope)]));
};

const resolveArn = (target: unknown, { arns }: Scope): string => {
  const [logicalId, attribute] = Array.isArray(target) ? target : [];
  const arn = arns.get(logicalId);
  if (attribute !== 'Arn' || arn === undefined) {
    throw new Error(`Only the Arn of a queue can be resolved locally, not ${JSON.stringify(target)}.`);
  }
  return arn;
};

const substitute = (template: unknown, { region }: Scope): string => {
  const pseudoParameters: Readonly<Record<string, string>> = {
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::AccountId': LOCAL_ACCOUNT_ID,
  };
  return String(template).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = pseudoParameters[name];
    if (value === undefined) throw new Error(`\${${name}} cannot be resolved locally.`);
    return value;
  });
};
