// What an operator reads where the bucket cannot be used, by every command that does.

import { openArchive } from '../../../../infra/cli/archive/open-archive';
import { startServer } from '../../../support/http-server';
import { type Stage, startStage } from '../../../support/relay-cli';

const COMMANDS = [
  'trace u1',
  'replay --from 1h --dry-run',
  'forget u1 --yes',
  'compare --from 1h --left http://127.0.0.1:9/activity',
];

let stage: Stage;

beforeEach(async () => {
  stage = await startStage();
  stage.setSources([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' }]);
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
});

afterEach(async () => {
  delete process.env['AWS_ENDPOINT_URL_S3'];
  await stage.stop();
});

/** What the commands say of a bucket for which S3 answers that. */
const saidOf = async (status: number, code: string): Promise<string[]> => {
  const s3 = await startServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>${code}</Code><Message>As S3 says</Message></Error>`);
  });
  process.env['AWS_ENDPOINT_URL_S3'] = s3.url;
  const env = { AWS_ENDPOINT_URL_S3: s3.url };
  const said = new Set<string>();
  for (const command of COMMANDS) {
    const { code: exit, err } = await stage.run(`${command} --archive s3://kept`, { env });
    said.add(`${exit} ${err.replace(/\s+/g, ' ').trim()}`);
  }
  await s3.close();
  return [...said];
};

it.each([
  [
    403,
    'AccessDenied',
    's3://kept may not be read: AccessDenied: As S3 says. Ask for the permissions that docs/archive.md lists.',
  ],
  [404, 'NoSuchBucket', 'There is no bucket s3://kept. Check its name, and the account of AWS_PROFILE.'],
  [
    301,
    'PermanentRedirect',
    's3://kept is in another region: PermanentRedirect: As S3 says. Set AWS_REGION to the one that it is in.',
  ],
  [400, 'Unheard', 'Unheard: As S3 says The same with --verbose shows where it happened.'],
])('of %s %s every command says the same, with what to do', async (status, code, said) => {
  expect(await saidOf(status, code)).toEqual([`1 ${said}`]);
});

it.each([undefined, ''])('of a region that nothing says, or that is %j, how to say it', async (said) => {
  const { AWS_REGION: region } = process.env;
  process.env['AWS_CONFIG_FILE'] = '/none';
  if (said === undefined) delete process.env['AWS_REGION'];
  else process.env['AWS_REGION'] = said;
  const failure = await openArchive({ archive: 's3://kept' }, { env: {} }).catch((error: unknown) => error);
  delete process.env['AWS_CONFIG_FILE'];
  if (region !== undefined) process.env['AWS_REGION'] = region;

  expect(failure).toMatchObject({
    message: 'There is no telling in which region s3://kept is.',
    whatToDo: 'Set it: export AWS_REGION=eu-west-1.',
  });
});
