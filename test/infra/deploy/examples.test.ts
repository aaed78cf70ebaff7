// What a deployment may have around it: examples that are deployed or attached apart from the stage.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { parse } from 'yaml';
import type { Resources } from '../../support/package';
import { schemaMistakes } from '../../support/template-schema';

const ROOT = join(__dirname, '../../..');
const readExample = (name: string): Promise<string> => readFile(join(ROOT, 'examples/deploy', name), 'utf8');

describe('queues that a removed stack has left', () => {
  interface Template {
    readonly Parameters?: object;
    readonly Resources: Resources;
  }

  const template = async (): Promise<Template> => parse(await readExample('retained-queues.yml'));

  const namesOf = (resources: Resources): readonly (readonly [logicalId: string, name: unknown])[] =>
    Object.entries(resources).flatMap(([logicalId, { Type, Properties }]) =>
      Type === 'AWS::SQS::Queue' ? [[logicalId, Properties['QueueName']]] : [],
    );

  it('are taken into a new stack by the names that the next deployment has for them', async () => {
    const stage = parse(await readFile(join(ROOT, 'infra/queues.yml'), 'utf8'), { logLevel: 'silent' });
    const { Resources: taken } = await template();

    expect(namesOf(taken)).toEqual(
      namesOf(stage.Resources).map(([logicalId, name]) => [
        logicalId,
        String(name).replace(/^\$\{self:custom\.name\}/, 'cio-relay-<stage>'),
      ]),
    );
    expect(JSON.parse(await readExample('retained-queues.json'))).toEqual(
      namesOf(taken).map(([LogicalResourceId, name]) => ({
        ResourceType: 'AWS::SQS::Queue',
        LogicalResourceId,
        ResourceIdentifier: { QueueUrl: `https://sqs.<region>.amazonaws.com/<account>/${String(name)}` },
      })),
    );
  });

  it('stay if that stack is deleted before it was deployed', async () => {
    for (const resource of Object.values((await template()).Resources)) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  it('need no parameter, which osls would not give again when it adds its bucket', async () => {
    expect(await template()).not.toHaveProperty('Parameters');
  });
});

describe('CloudFront in front', () => {
  const resources = async (): Promise<Resources> => parse(await readExample('cloudfront.yml')).Resources;

  it('is a template that CloudFormation’s types know', async () => {
    expect(schemaMistakes(await resources())).toEqual([]);
  });

  it('has none of YAML’s aliases, which CloudFormation does not read', async () => {
    expect(await readExample('cloudfront.yml')).not.toMatch(/[\s[{][&*]\w/);
  });

  it('tells the true client, whatever a sender has claimed', async () => {
    const code = String((await resources())['ClientAddress']?.Properties['FunctionCode']);
    const request = { headers: { 'x-client-ip': { value: '1.2.3.4' }, host: { value: 'h' } } };
    runInNewContext(`${code}; handler(event)`, { event: { request, viewer: { ip: '198.51.100.9' } } });

    expect(JSON.stringify(request.headers)).toBe(
      '{"x-client-ip":{"value":"198.51.100.9"},"host":{"value":"h"}}',
    );
  });

  it('writes the header that docs/operations.md has the stage believe', async () => {
    const page = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');

    expect(page).toContain('clientIpHeader: x-client-ip');
    expect(await readExample('cloudfront.yml')).toContain("headers['x-client-ip']");
  });

  it('blocks with an answer after which SDKs try again, by whichever rule', async () => {
    const blocks = (await rules()).flatMap(({ Action, Statement }) => [
      ...(Action === undefined ? [] : [Action]),
      ...(Statement.ManagedRuleGroupStatement?.RuleActionOverrides ?? []).map(
        ({ ActionToUse }) => ActionToUse,
      ),
    ]);

    expect(blocks).toEqual(blocks.map(() => ({ Block: { CustomResponse: { ResponseCode: 429 } } })));
    // Those of the group that block, by its documentation; WAF passes over a name that is none.
    const [, reputation] = await rules();
    expect(
      reputation?.Statement.ManagedRuleGroupStatement?.RuleActionOverrides.map(({ Name }) => Name),
    ).toEqual(['AWSManagedIPReputationList', 'AWSManagedReconnaissanceList']);
  });

  it('blocks no webhook, since Customer.io would hold back all of them for an hour', async () => {
    for (const { Statement: statement } of await rules()) {
      const { ScopeDownStatement: scope } =
        statement.RateBasedStatement ?? statement.ManagedRuleGroupStatement ?? {};

      expect(scope?.NotStatement.Statement.ByteMatchStatement).toMatchObject({
        FieldToMatch: { UriPath: {} },
        PositionalConstraint: 'STARTS_WITH',
        SearchString: '/webhooks/customerio/',
        // Else /webhooks/customerio/../../v1/batch would pass as well.
        TextTransformations: [{ Priority: 0, Type: 'NORMALIZE_PATH' }],
      });
    }
  });

  const rules = async (): Promise<readonly Rule[]> =>
    (await resources())['Rules']?.Properties['Rules'] as readonly Rule[];

  interface Rule {
    readonly Action?: object;
    readonly Statement: {
      readonly RateBasedStatement?: Scoped;
      readonly ManagedRuleGroupStatement?: Scoped & {
        readonly RuleActionOverrides: readonly { readonly Name: string; readonly ActionToUse: object }[];
      };
    };
  }

  interface Scoped {
    readonly ScopeDownStatement?: {
      readonly NotStatement: { readonly Statement: { readonly ByteMatchStatement: object } };
    };
  }

  it('lets every method through, and keeps no event', async () => {
    expect((await resources())['Distribution']?.Properties['DistributionConfig']).toMatchObject({
      DefaultCacheBehavior: {
        AllowedMethods: expect.arrayContaining(['POST', 'OPTIONS']),
        CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      },
    });
  });
});

it('The policy of a key lets the services use it that read and write for us, of this account alone', async () => {
  const { Statement: statements } = JSON.parse(await readExample('key-policy.json'));
  const ofServices = statements.filter(
    ({ Principal }: { Principal: Record<string, string> }) => Principal['Service'],
  );

  expect(ofServices).toEqual([
    expect.objectContaining({
      Principal: { Service: 'logs.<region>.amazonaws.com' },
      Condition: expect.anything(),
    }),
    expect.objectContaining({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: expect.anything(),
    }),
  ]);
});
