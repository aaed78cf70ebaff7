// Deploys a stage to an emulator of AWS, updates it, removes it, and deploys it again with the queues that it has left, as
// an operator would by osls. The emulator is moto
// (`pip install 'moto[server]'`); what it does not know it takes without a look, and this says which types those are.
// Run with `npm run check:deploy`.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { VISIBILITY_TIMEOUT_SECONDS } from '../../lib/delivery/retry-policy';

const ROOT = resolve(__dirname, '../..');
const REGION = 'us-east-1';
const CREDENTIALS = { accessKeyId: 't', secretAccessKey: 't' };
const STARTS_WITHIN_MS = 60_000;
const QUEUES = ['events', 'dead-letters', 'activity', 'activity-dead-letters'];
const DEPLOY = ['deploy', '--stage', 'prod'];
const UPDATED = ['--param=memorySize=1024', '--param=maxConsumers=7', '--param=rollbackAfterMinutes=10'];

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

interface Emulator {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has written, its warnings of types that it does not know among it. */
  readonly output: string[];
}

const startEmulator = async (): Promise<Emulator> => {
  const port = await freePort();
  const parameters = [join(__dirname, 'emulator.py'), '-H', '127.0.0.1', '-p', String(port)];
  const process = spawn('python3', parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    stream.on('data', (data) => output.push(String(data)));
  const url = `http://127.0.0.1:${port}`;
  const endsAt = Date.now() + STARTS_WITHIN_MS;
  while (!(await answers(url))) {
    if (process.exitCode !== null || Date.now() > endsAt)
      throw new Error(`moto does not start:\n${output.join('')}`);
    await setTimeout(200);
  }
  return { url, process, output };
};

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );

const environmentOf = (url: string) => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  NO_COLOR: '1',
  AWS_ENDPOINT_URL: url,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
});

const osls = (url: string, ...parameters: readonly string[]) =>
  promisify(execFile)('npx', ['serverless', ...parameters], { cwd: ROOT, env: environmentOf(url) });

const check = (what: string, isSo: boolean): void => {
  console.log(`${isSo ? 'ok ' : 'BAD'} ${what}`);
  if (!isSo) process.exitCode = 1;
};

const attributesOf = async (sqs: SQSClient, name: string): Promise<Readonly<Record<string, string>>> => {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `cio-relay-prod-${name}` }));
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  return (await sqs.send(command)).Attributes ?? {};
};

interface FunctionList {
  readonly Functions: readonly {
    readonly FunctionName: string;
    readonly Timeout: number;
    readonly MemorySize: number;
    readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  }[];
}

const functionsOf = async (url: string): Promise<FunctionList['Functions']> =>
  ((await (await fetch(`${url}/2015-03-31/functions/`, SIGNED)).json()) as FunctionList).Functions;

/** moto tells services apart by the scope of the signature; it checks none. */
const SIGNED = {
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=test/20261101/${REGION}/lambda/aws4_request, SignedHeaders=host, Signature=0`,
  },
};

const deployUpdateRemove = async ({ url, output }: Emulator): Promise<void> => {
  const sqs = new SQSClient({
    endpoint: url,
    region: REGION,
    credentials: CREDENTIALS,
  });
  // With what looks for the stack before there is one.
  await osls(url, ...DEPLOY, '--param=rollbackAfterMinutes=10');
  const events = await attributesOf(sqs, 'events');
  check(
    'deploy: the queues exist',
    (await Promise.all(QUEUES.map((name) => attributesOf(sqs, name)))).length === 4,
  );
  check(
    'deploy: events have a dead-letter queue',
    String(events['RedrivePolicy']).includes('cio-relay-prod-dead-letters'),
  );
  const deployed = await functionsOf(url);
  check('deploy: the four functions exist', deployed.length === 4);
  check(
    'deploy: each knows its settings',
    deployed.every(
      ({ Environment: { Variables } }) => Variables['SOURCES_PARAMETER'] === '/cio-relay/prod/sources',
    ),
  );

  await osls(url, ...DEPLOY, ...UPDATED);
  const updated = await functionsOf(url);
  check(
    'update: the functions have changed',
    updated.length === 4 && updated.every(({ MemorySize }) => MemorySize === 1_024),
  );
  check(
    'update: the queues are the same',
    (await attributesOf(sqs, 'events'))['CreatedTimestamp'] === events['CreatedTimestamp'],
  );

  await osls(url, ...DEPLOY, '--param=deletionProtection=false');
  await osls(url, 'remove', '--stage', 'prod');
  check('remove: the functions are gone', (await functionsOf(url)).length === 0);

  await comeBack(url, sqs);
  const unknown = new Set(output.join('').match(/(?<=No Moto CloudFormation support for )\S+/g));
  console.log(`The emulator knows nothing of ${[...unknown].sort().join(', ')}.`);
};

/** docs/operations.md, "A stage that comes back". The emulator has deleted the queues, which AWS keeps. */
const comeBack = async (url: string, sqs: SQSClient): Promise<void> => {
  for (const name of QUEUES) await sqs.send(new CreateQueueCommand({ QueueName: `cio-relay-prod-${name}` }));
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'cio-relay-prod-dead-letters' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'left behind' }));
  const cloudFormation = new CloudFormationClient({
    endpoint: url,
    region: REGION,
    credentials: CREDENTIALS,
  });
  const changeSet = { StackName: 'cio-relay-prod', ChangeSetName: 'queues' };
  await cloudFormation.send(
    new CreateChangeSetCommand({
      ...changeSet,
      ChangeSetType: 'IMPORT',
      TemplateBody: await readExample('retained-queues.yml'),
      ResourcesToImport: JSON.parse(await readExample('retained-queues.json')),
    }),
  );
  await cloudFormation.send(new ExecuteChangeSetCommand(changeSet));
  await osls(url, ...DEPLOY);
  check('again: the functions are back', (await functionsOf(url)).length === 4);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  check('again: what was left is still there', Messages[0]?.Body === 'left behind');
  const { VisibilityTimeout } = await attributesOf(sqs, 'events');
  check(
    'again: the queues are as the stage has them',
    VisibilityTimeout === String(VISIBILITY_TIMEOUT_SECONDS),
  );
};

const readExample = async (name: string): Promise<string> =>
  (await readFile(join(ROOT, 'examples/deploy', name), 'utf8'))
    .replaceAll('<region>', REGION)
    .replaceAll('<account>', '123456789012')
    .replaceAll('<stage>', 'prod');

const main = async (): Promise<void> => {
  const emulator = await startEmulator();
  try {
    await deployUpdateRemove(emulator);
  } finally {
    emulator.process.kill();
  }
};

main().catch((error: Error & { stdout?: string }) => {
  console.error(error.stdout ?? error.message);
  process.exitCode = 1;
});
