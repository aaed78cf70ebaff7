// A stage with a mistake is refused before anything is packaged, and so is a command that would leave half a change.

import { serverless } from '../../support/package';

const TIMEOUT_MS = 120_000;

const outputOf = async (...parameters: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await serverless(...parameters).catch((error) => error);
  expect(code).toBe(1);
  return `${stdout}${stderr}`;
};

it(
  'All mistakes of a stage are told at once',
  async () => {
    const output = await outputOf(
      ...['package', '--stage', 'prod', '--param=alarmMail=x@example.com', '--param=lateAfterSeconds=soon'],
      '--param=domainName=e.example.com',
    );

    expect(output).toContain('The stage prod has a parameter alarmMail, which does not exist.');
    expect(output).toContain('The parameter lateAfterSeconds of the stage prod must be a whole number');
    expect(output).toContain('The parameter domainName of the stage prod needs certificateArn too.');
    expect(output).not.toContain('Packaging');
  },
  TIMEOUT_MS,
);

it(
  'What is of another region than the stage is told before anything is packaged',
  async () => {
    const output = await outputOf(
      ...['package', '--stage', 'prod', '--region', 'eu-west-1', '--param=domainName=e.example.com'],
      '--param=certificateArn=arn:aws:acm:us-east-1:111122223333:certificate/c',
    );

    expect(output).toContain('certificateArn is of us-east-1, and the stage is deployed to eu-west-1');
  },
  TIMEOUT_MS,
);

it(
  '`deploy function` is refused, for it would leave the rest as it is',
  async () => {
    expect(await outputOf('deploy', 'function', '-f', 'ingest', '--stage', 'prod')).toContain(
      'Use `serverless deploy`: it sends only what has changed.',
    );
  },
  TIMEOUT_MS,
);
