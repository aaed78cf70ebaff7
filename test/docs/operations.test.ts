import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { REASONS } from '../../lib/errors';

const ROOT = path.join(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const operations = read('docs/operations.md');

it.each(['docs/operations.md', 'docs/security.md', 'SECURITY.md'])('%s links to what exists', (file) => {
  const folder = path.dirname(path.join(ROOT, file));
  const links = [...read(file).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  const broken = links.filter((link) => {
    if (link.startsWith('https://')) return false;
    const [name = '', anchor] = link.split('#');
    const target = name === '' ? path.join(ROOT, file) : path.join(folder, name);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });

  expect(broken).toEqual([]);
});

/** As GitHub makes them of headings. */
const anchorsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** How a stage is built rather than how it behaves. */
const NOT_FOR_OPERATORS = ['environment', 'region', 'packages', 'minify', 'sourcemap'];

it('explains every parameter of a stage, with its default', () => {
  const [, defaults = ''] = /\n {2}default:\n([\s\S]*?)\n {2}\w+:\n/.exec(read('serverless.yml')) ?? [];
  const parameters = [...defaults.matchAll(/^ {4}(\w+): (.+)$/gm)].filter(
    ([, name = '']) => !NOT_FOR_OPERATORS.includes(name),
  );

  expect(parameters.length).toBeGreaterThan(10);
  for (const [, name = '', quoted = ''] of parameters) {
    const row = operations.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${name}\``));
    const value = quoted.replaceAll('"', '');
    expect(row?.split('|')[2]?.replaceAll('`', '').trim()).toBe(
      ['', 'null', '{}'].includes(value) ? 'none' : value,
    );
  }
});

it('says what to do about every reason of a dead letter', () => {
  expect(Object.keys(REASONS).filter((reason) => !operations.includes(`\`${reason}\``))).toEqual([]);
});

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** Of whoever deploys, and of the role that CloudFormation may have instead. */
const policy = (): readonly Statement[] =>
  ['deployer-policy', 'resources-policy'].flatMap(
    (name) =>
      (JSON.parse(read(`examples/deploy/${name}.json`)) as { Statement: readonly Statement[] }).Statement,
  );

it('gives a policy for deploying with exact actions, for every service that is deployed', () => {
  const actions = policy().flatMap(({ Action }) => Action);

  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  expect(new Set(actions.map((action) => action.split(':')[0]))).toEqual(
    new Set([
      'apigateway',
      'cloudformation',
      'cloudwatch',
      'iam',
      'lambda',
      'logs',
      'route53',
      's3',
      'sns',
      'sqs',
      'ssm',
    ]),
  );
});

it('lets a deploying user touch only what is named after this service, where the action knows a name', () => {
  const broad = policy().filter(({ Resource }) => [Resource].flat().includes('*'));

  expect(new Set(broad.flatMap(({ Action }) => Action))).toEqual(
    new Set([
      'cloudformation:ValidateTemplate',
      'cloudformation:ListExports',
      'lambda:CreateEventSourceMapping',
      'lambda:UpdateEventSourceMapping',
      'lambda:DeleteEventSourceMapping',
      'lambda:GetEventSourceMapping',
      'lambda:ListEventSourceMappings',
      'logs:DescribeLogGroups',
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
    ]),
  );
});
