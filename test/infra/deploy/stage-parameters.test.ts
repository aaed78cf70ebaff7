import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { PARAMETER_NAMES, parameterMistakes, regionMistakes } from '../../../infra/deploy/stage-parameters';

const ROOT = join(__dirname, '../../..');
const mistakes = (given: Readonly<Record<string, unknown>>): string[] => parameterMistakes(given, 'prod');
const defaults = (): Record<string, unknown> => {
  const text = readFileSync(join(ROOT, 'serverless.yml'), 'utf8');
  return parse(text, { logLevel: 'silent' }).params.default;
};

it('The defaults of serverless.yml are right, and are all the parameters there are', () => {
  expect(mistakes(defaults())).toEqual([]);
  expect(Object.keys(defaults()).sort()).toEqual([...PARAMETER_NAMES].sort());
});

/** What the local stack alone sets, and the region, which comes from the environment. */
const NOT_FOR_OPERATORS = ['environment', 'region', 'packages', 'minify', 'sourcemap'];

it('docs/operations.md says of every parameter what it is good for', () => {
  const docs = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((row) => row.split('|')[1]?.match(/\w+/g) ?? []);

  expect(PARAMETER_NAMES.filter((name) => !explained.includes(name))).toEqual(NOT_FOR_OPERATORS);
});

it.each([
  [{ alarmMail: 'a@b.example' }, 'a parameter alarmMail, which does not exist. Did you mean alarmEmail?'],
  [{ colour: 'red' }, 'a parameter colour, which does not exist. serverless.yml lists those there are.'],
  [{ lateAfterSeconds: 'soon' }, 'must be a whole number from 60 to 604800, not `soon`.'],
  [{ maxConsumers: 1 }, 'must be a whole number from 2 to 1000, not `1`.'],
  [{ maxConsumers: 2.5 }, 'must be a whole number from 2 to 1000, not `2.5`.'],
  [{ alarmEmail: 'oncall' }, 'must be an email address, not `oncall`.'],
  [{ logRetentionInDays: 31 }, 'must be one of 1, 3, 5'],
  [{ logLevel: 'info' }, 'must be one of DEBUG, INFO, WARN, ERROR, not `info`.'],
  [{ domainName: 'events.example.com' }, 'domainName of the stage prod needs certificateArn too.'],
  [{ hostedZoneId: 'Z1' }, 'hostedZoneId of the stage prod needs domainName too.'],
  [{ disableDefaultEndpoint: true }, 'disableDefaultEndpoint of the stage prod needs domainName too.'],
  [{ basePath: 'in' }, 'basePath of the stage prod needs domainName too.'],
  [{ door: 'alb' }, 'must be one of api, url, not `alb`.'],
  [{ ingestConcurrency: 0 }, 'must be a whole number from 1 to 10000, not `0`.'],
  [
    {
      door: 'url',
      domainName: 'events.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/c',
    },
    'A domainName needs the door `api`: a function URL has no domain of its own',
  ],
  [{ stackTags: { team: 7 } }, 'must be names with a text each, like `team: growth`'],
  [{ stackTags: ['team'] }, 'must be names with a text each'],
  [{ stackTags: { 'aws:team': 'growth' } }, 'not `{"aws:team":"growth"}`'],
  [{ stackTags: { '': 'growth' } }, 'must be names with a text each'],
  [{ stackTags: { team: 'a;b' } }, 'must be names with a text each'],
  [{ environment: 'local' }, 'environment of the stage prod must be aws: with `local` it would send'],
  [{ deletionProtection: 'maybe' }, 'must be one of true, false, not `maybe`.'],
  [
    { batchSize: 100, batchingWindowSeconds: 0 },
    'A batchSize above 10 needs batchingWindowSeconds of at least 1',
  ],
  [
    { sourceMetrics: false, watchedSources: 'web' },
    'watchedSources can only be `*` where sourceMetrics is false',
  ],
  [
    { producers: 'arn:aws:sqs:us-east-1:111122223333:shop' },
    'must be ARNs of topics in SNS, rules of EventBridge',
  ],
  // A comma is allowed in the name of a role, but here it ends one: the role `a` would be let in.
  [
    { producers: 'arn:aws:iam::111122223333:role/a,b' },
    'must be ARNs of topics in SNS, rules of EventBridge',
  ],
  [{ producers: 'arn:aws:iam::111122223333:role/*' }, 'must be ARNs of topics in SNS, rules of EventBridge'],
  [
    { watchedSources: 'web shop' },
    'must be names of sources, separated by commas, or `*` for all, not `web shop`.',
  ],
  [{ watchedSources: 'web; app' }, 'must be names of sources'],
  [{ watchedSources: 'café' }, 'must be names of sources'],
  [{ allowedOrigins: 'shop.example.com' }, 'must be `*` or origins with scheme and without path'],
])('%j is a mistake', (given, expected) => {
  expect(mistakes(given)).toEqual([expect.stringContaining(expected)]);
});

it.each([
  [{ alarmEmail: '', watchedSources: '', basePath: '' }],
  [{ deploymentRole: null }],
  [{ door: 'url', ingestConcurrency: '100', domainName: '' }],
  [{ door: 'api', ingestConcurrency: null }],
  [{ batchSize: 10, batchingWindowSeconds: 0, sourceMetrics: 'false', watchedSources: '*' }],
  [{ maxConsumers: '20', deletionProtection: 'false', serveAnalyticsJs: 'true' }],
  [{ stackTags: { team: 'growth', costCentre: '' } }],
  [{ alarmEmail: `\${ssm:/oncall}`, lateAfterSeconds: `\${env:LATE}` }],
  [{ allowedOrigins: 'https://shop.example.com, https://www.example.com' }],
  [{ disableDefaultEndpoint: false }],
  [{ watchedSources: 'web-site, app_2.ios,*' }],
  [{ producers: 'arn:aws:sns:eu-west-1:111122223333:a,arn:aws-us-gov:iam::111122223333:root' }],
])('%j is right', (given) => {
  expect(mistakes(given)).toEqual([]);
});

it.each([
  ['p'.repeat(44), []],
  ['p'.repeat(45), ['at most 44']],
])('A stage is named so that its functions can be: %s', (stage, expected) => {
  expect(parameterMistakes({}, stage)).toEqual(expected.map((part) => expect.stringContaining(part)));
});

it('The stage of this machine may be local', () => {
  expect(parameterMistakes({ environment: 'local' }, 'local')).toEqual([]);
});

it.each([
  ['certificateArn', 'arn:aws:acm:us-east-1:111122223333:certificate/c'],
  ['kmsKeyArn', 'arn:aws:kms:us-east-1:111122223333:key/k'],
])('%s of another region than the stage’s is a mistake', (name, arn) => {
  expect(regionMistakes({ [name]: arn }, 'us-east-1')).toEqual([]);
  expect(regionMistakes({ [name]: null }, 'us-east-1')).toEqual([]);
  expect(regionMistakes({ [name]: `\${ssm:/arn}` }, 'us-east-1')).toEqual([]);
  expect(regionMistakes({ [name]: arn }, 'eu-west-1')).toEqual([
    `${name} is of us-east-1, and the stage is deployed to eu-west-1: it must be of the same region.`,
  ]);
});

it('Whatever a value is, each mistake is one sentence, and nothing throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PARAMETER_NAMES), fc.jsonValue(), (name, value) => {
      for (const mistake of mistakes({ [name]: value })) expect(mistake).toContain(name);
    }),
  );
});
