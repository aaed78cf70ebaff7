// The whole path on this machine, as a newcomer takes it: `npm start`, the three ways in, Ctrl-C.

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { Analytics } from '@segment/analytics-node';
import { portProblem } from '../../infra/local/addresses';
import type { Activity } from '../../infra/local/sandbox/activity-log';
import { startSqsServer } from '../../infra/local/sqs-server';
import {
  onFreePorts,
  ROOT,
  type RunningStack,
  sqsClientFor,
  startFreshStack,
  startRunningStack,
  temporaryDataDir,
} from '../support/running-stack';
import { readActivities } from '../support/sandbox-client';
import { GIVE_UP_MS, until } from '../support/until';

const READY_WITHIN_MS = 15_000;
/** About 3 s on two quiet cores. A busy machine may be slow once; a slow start is slow every time. */
const MAX_STARTS = 3;
const STOPS_WITHIN_MS = 10_000;
/** Seconds where nothing else is at work; it came to a stop where each request that waited started a sandbox. */
const MANY_WITHIN_MS = 25_000;

let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
let stack: RunningStack;
let sqs: SQSClient;

beforeAll(async () => {
  dataDir = await temporaryDataDir();
  await queueBeforeTheStart(track('Queued Before The Start'));
  stack = await onFreePorts((ports) => startRunningStack(ports, dataDir.path));
  sqs = sqsClientFor(stack.ports);
});

/** As a stack leaves it that was stopped before the consumer had the message. */
const queueBeforeTheStart = async (event: object): Promise<void> => {
  const name = 'cio-relay-local-events';
  const queue = {
    logicalId: 'EventQueue',
    name,
    arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    attributes: {},
  };
  const server = await startSqsServer({
    port: 0,
    region: 'us-east-1',
    dataDir: dataDir.path,
    queues: [queue],
  });
  const message = new SendMessageCommand({
    QueueUrl: server.queueUrl(name),
    MessageBody: JSON.stringify(event),
  });
  await server.client.send(message);
  await server.stop();
};

afterAll(async () => {
  sqs?.destroy();
  await stack?.end('SIGTERM');
  await dataDir.remove();
});

/** Waits until the Activity Log has an entry of that name, and hands it over. */
const arrivalOf = async (name: string): Promise<Activity> => {
  let found: Activity | undefined;
  await until(async () => {
    found = (await readActivities(stack.sandboxUrl)).find((activity) => activity.activity_name === name);
    return found !== undefined;
  });
  return found as Activity;
};

const post = (
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(stack.url + path, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('local:')}`, 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
  });

const put = (body: unknown) =>
  sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl('events'), MessageBody: JSON.stringify(body) }));

const track = (event: string): object => ({ type: 'track', userId: 'u1', event });

/** Starts another stack beside the first and ends it. */
const measureStart = async (): Promise<number> => {
  const other = await startFreshStack();
  await other.stop();
  return other.readyAfterMs;
};

it(
  'It is ready within fifteen seconds',
  async () => {
    let readyAfterMs = stack.readyAfterMs;
    for (let starts = 1; starts < MAX_STARTS && readyAfterMs >= READY_WITHIN_MS; starts += 1) {
      readyAfterMs = await measureStart();
    }

    expect(readyAfterMs).toBeLessThan(READY_WITHIN_MS);
  },
  MAX_STARTS * GIVE_UP_MS,
);

it('It says what to open and what to paste', () => {
  expect(stack.output()).toContain(`${stack.sandboxUrl}/sandbox/activity`);
  expect(stack.output()).toContain(`curl -u local: ${stack.url}/v1/track`);
  expect(stack.output()).toContain(`--queue-url ${stack.queueUrl('events')}`);
});

it('What was queued when it was stopped the last time is delivered', async () => {
  await arrivalOf('Queued Before The Start');
});

/** What `curl` answered to the commands under "Paste", each pasted as it stands. */
const pasted = (): Promise<string[]> => {
  const [, paste = ''] = stack.output().split('Paste\n');
  const commands = paste.split('\n\n').filter((command) => command.startsWith('  curl '));
  return Promise.all(
    commands.map(async (command) => (await promisify(execFile)('bash', ['-c', command])).stdout),
  );
};

it('The commands it gives to paste work as they stand: one for the endpoint, one for the queue', async () => {
  const before = await signUps();

  const [endpoint = '', queue = '', ...others] = await pasted();

  expect(others).toEqual([]);
  expect(JSON.parse(endpoint)).toEqual({ success: true });
  expect(JSON.parse(queue)).toMatchObject({ MessageId: expect.any(String) });
  await until(async () => (await signUps()) === before + 2);
});

const signUps = async (): Promise<number> =>
  (await readActivities(stack.sandboxUrl)).filter((activity) => activity.activity_name === 'Signed Up')
    .length;

it('Over TLS it is the same endpoint, and its settings document keeps SDKs on TLS', async () => {
  const certificate = join(dataDir.path, 'localhost.pem');
  const curl = (path: string, ...parameters: readonly string[]) =>
    promisify(execFile)('curl', ['--cacert', certificate, stack.tlsUrl + path, ...parameters]);

  const sent = await curl('/v1/track', '-u', 'local:', '-d', JSON.stringify(track('Over TLS')));
  const settings = await curl('/v1/projects/local/settings');

  expect(JSON.parse(sent.stdout)).toEqual({ success: true });
  await arrivalOf('Over TLS');
  expect(JSON.parse(settings.stdout).integrations['Segment.io']).toMatchObject({
    apiHost: `127.0.0.1:${stack.ports.TLS_PORT}/v1`,
    protocol: 'https',
  });
  expect(stack.output()).toContain(stack.tlsUrl);
});

it("The README's lines for curl work: one for the endpoint, one for the queue", async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const commands = [...readme.matchAll(/```sh\n(curl [^`]*)```/g)].map(([, command = '']) => command);
  const before = await signUps();

  expect(commands).toHaveLength(2);
  for (const command of commands) {
    const own = command
      .replaceAll('http://127.0.0.1:3000', stack.url)
      .replaceAll(':4566', `:${stack.ports.SQS_PORT}`);
    await promisify(execFile)('bash', ['-c', own]);
  }

  await until(async () => (await signUps()) === before + 2);
});

it("The README's lines for an SDK show something at once, and end", async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, snippet = ''] = /```js\n(import \{ Analytics \}[^`]*)```/.exec(readme) ?? [];
  const program = snippet.replace('http://127.0.0.1:3000', stack.url);

  expect(program).toContain(stack.url);
  const sent = promisify(execFile)('node', ['--input-type=module', '--eval', program], { cwd: ROOT });

  await until(async () => (await arrivedEmails()).includes('ada@example.com'));
  await sent;
});

const arrivedEmails = async (): Promise<unknown[]> =>
  (await readActivities(stack.sandboxUrl)).map(({ attributes }) => attributes['email']);

it('Events of @segment/analytics-node stand in the activity log within five seconds, and in the terminal', async () => {
  const analytics = new Analytics({ writeKey: 'local', host: stack.url });
  analytics.identify({ userId: 'sdk-user', traits: { email: 'sdk@example.com' } });
  analytics.track({ userId: 'sdk-user', event: 'SDK Event', properties: { plan: 'pro' } });
  await analytics.closeAndFlush();

  expect(await arrivalOf('SDK Event')).toMatchObject({
    identifiers: { id: 'sdk-user', email: 'sdk@example.com' },
    attributes: { plan: 'pro' },
  });
  expect(stack.output()).toMatch(/accepted .*SDK Event .*id=sdk-user/);
});

it.each([
  ['one event', track('One By Hand'), ['One By Hand']],
  [
    'an array of events',
    [track('First By Hand'), track('Second By Hand')],
    ['First By Hand', 'Second By Hand'],
  ],
  ['a batch', { batch: [track('Batched By Hand')] }, ['Batched By Hand']],
])('A message put on the queue by hand, without messageId and timestamp: %s', async (_, body, names) => {
  const before = Math.floor(Date.now() / 1_000);

  await put(body);

  for (const name of names) expect((await arrivalOf(name)).timestamp).toBeGreaterThanOrEqual(before);
});

it('What cannot be delivered is dead-lettered with its reason, and costs its neighbours nothing', async () => {
  await put([{ type: 'track', event: 'Nobody' }, track('Beside Nobody')]);

  await arrivalOf('Beside Nobody');
  await until(async () => (await deadLetters()).includes('missing_identifier'));
});

const deadLetters = async (): Promise<string> => {
  const name = stack.queueUrl('dead-letters').split('/').at(-1);
  const response = await fetch(`http://127.0.0.1:${stack.ports.SQS_PORT}/_fauxqs/queues/${name}`);
  return response.text();
};

it('What is refused, skipped or dead-lettered is a line in the terminal, and none of it is JSON', async () => {
  const from = stack.output().length;
  const send = (key: string, ...batch: readonly object[]) =>
    fetch(`${stack.url}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}` },
      body: JSON.stringify({ batch }),
    });

  await send('wrong', track('Not Mine'));
  await send('local', { ...track('Not For You'), integrations: { All: false } }, track(''));

  const lines = (): string => stack.output().slice(from);
  await until(() => lines().includes('skipped'));
  expect(lines()).toMatch(/ refused {2}401 invalid_write_key {2}POST \/v1\/batch {2}No source has this/);
  expect(lines()).toMatch(/ skipped {2}1 event {2}integrations_disabled$/m);
  expect(lines()).toMatch(/ dead letter {2}track {2}missing_event_name {2}event: expected a/);
  expect(lines()).not.toContain('{');
});

it('A compressed body reaches the function as it was sent', async () => {
  const body = gzipSync(JSON.stringify({ batch: [track('Compressed')] }));

  const response = await post('/v1/batch/', body, { 'content-encoding': 'gzip' });

  expect(response.status).toBe(200);
  await arrivalOf('Compressed');
});

it('A body in the charset that its content type names reaches the function as it was sent', async () => {
  const body = Buffer.from(JSON.stringify(track('Caf\xe9')), 'latin1');

  const response = await post('/v1/track', body, { 'content-type': 'application/json; charset=iso-8859-1' });

  expect(response.status).toBe(200);
  await arrivalOf('Caf\xe9');
});

it('Three hundred senders at once are all answered within seconds', async () => {
  const startedAt = Date.now();
  const answers = await Promise.all(
    Array.from({ length: 300 }, () => post('/v1/track', JSON.stringify(track('At Once')))),
  );

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(Date.now() - startedAt).toBeLessThan(MANY_WITHIN_MS);
});

it('A browser may send from any page', async () => {
  const response = await fetch(`${stack.url}/v1/t`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://shop.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-retry-count',
    },
  });

  expect(response.ok).toBe(true);
  expect(response.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/shop\.example)$/);
  expect(response.headers.get('access-control-allow-headers')).toBe('authorization,x-retry-count');
});

it('An unknown write key and an unknown path are refused as JSON', async () => {
  const wrongKey = await post('/v1/track', JSON.stringify(track('x')), {
    authorization: `Basic ${btoa('wrong:')}`,
  });
  const wrongPath = await post('/v2/track', '{}');

  expect([wrongKey.status, await wrongKey.json()]).toEqual([
    401,
    expect.objectContaining({ code: 'invalid_write_key' }),
  ]);
  expect([wrongPath.status, await wrongPath.json()]).toEqual([
    404,
    expect.objectContaining({ code: 'not_found' }),
  ]);
});

it("Message activity of the sandbox reaches the receiver in Segment's place", async () => {
  const emission = { object_type: 'email', metric: 'opened', identifiers: { id: 'u1' } };
  const emitted = await fetch(`${stack.sandboxUrl}/sandbox/emit`, {
    method: 'POST',
    body: JSON.stringify(emission),
  });
  const { event_ids: ids } = (await emitted.json()) as { event_ids: string[] };

  await until(async () => {
    const response = await fetch(`${stack.segmentUrl}/events`);
    const { events } = (await response.json()) as { events: { messageId: string }[] };
    return events.some(({ messageId }) => ids.includes(messageId));
  });

  expect(ids).toHaveLength(1);
});

it('The lines of docs/activity.md that sign a webhook work, and show what Segment gets', async () => {
  const page = await readFile(join(ROOT, 'docs/activity.md'), 'utf8');
  const [, lines = ''] = page.match(/```sh\n(body=[\s\S]+?)```/) ?? [];
  const own = lines
    .replace('http://127.0.0.1:3000', stack.url)
    .replace('http://127.0.0.1:3040', stack.segmentUrl);

  const run = async (): Promise<string> => (await promisify(execFile)('bash', ['-c', own])).stdout;

  expect(await run()).toContain('{"success":true}');
  await until(async () => (await run()).includes('"messageId":"e1"'));
});

it('The demo plays into the running stack and shows what arrived', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', 'demo', '--', '--activity'], {
    cwd: ROOT,
    env: stack.environment,
  });

  expect(stdout).not.toContain('starting one');
  for (const text of [
    'Viewed Home Screen',
    'Device added',
    'premium',
    'Email Link Clicked',
    'Everything arrived',
  ]) {
    expect(stdout).toContain(text);
  }
  expect(stdout).toMatch(/Everything arrived\..*\/sandbox\/activity$/m);
  expect(stdout.split('\n').filter(({ length }) => length > 80)).toEqual([]);
});

it('Every example is a message for the queue as it stands, and Customer.io takes it', async () => {
  const examples = await readExamples();
  const before = await counts();

  for (const example of examples) await put(example);

  const events = examples.flatMap((example) => example.batch ?? [example]);
  await until(async () => (await counts()).accepted >= before.accepted + events.length);
  expect((await counts()).rejected).toBe(before.rejected);
});

const readExamples = async (): Promise<{ batch?: object[] }[]> => {
  const folder = join(ROOT, 'examples');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
};

const counts = async (): Promise<{ accepted: number; rejected: number }> => {
  const response = await fetch(`${stack.sandboxUrl}/sandbox`);
  return ((await response.json()) as { operations: { accepted: number; rejected: number } }).operations;
};

it('A port in use is said in one line, with what to do, and nothing is started', async () => {
  const second = await promisify(execFile)('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: stack.environment,
  }).catch((error) => error);

  expect(second.code).toBe(1);
  expect(second.stderr.trim().split('\n')).toHaveLength(1);
  expect(second.stderr).toContain(`In use: port ${stack.ports.PORT} (PORT)`);
});

it(
  'A source that is left out is said once it is ready, before an event of it is refused',
  async () => {
    const keys = { siteId: 's', apiKey: 'a' };
    const SOURCES = JSON.stringify([
      { ...keys, name: 'shop', writeKey: 'shop', consent: { categories: ['mail'] } },
      { ...keys, name: 'app', writeKey: 'app' },
    ]);
    const own = await startFreshStack({ SOURCES });
    try {
      await until(() => own.output().includes('consent has unknown field(s) categories'));
    } finally {
      await own.stop();
    }
  },
  3 * GIVE_UP_MS,
);

it('Ctrl-C ends it quickly and cleanly, and leaves no process and no port behind', async () => {
  const startedAt = Date.now();

  const exitCode = await stack.end('SIGINT');

  expect(exitCode).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(STOPS_WITHIN_MS);
  expect(stack.isAlive()).toBe(false);
  expect(await portProblem(stack.ports)).toBeUndefined();
  expect(stack.output()).not.toMatch(/error|problem/i);
});

it('Without a running stack the demo brings its own, and ends it', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', 'demo'], {
    cwd: ROOT,
    env: stack.environment,
  });

  expect(stdout).toContain('starting one');
  expect(stdout).toMatch(/Everything arrived\..*`npm start`/);
  expect(stdout).not.toContain(stack.sandboxUrl);
  expect(await portProblem(stack.ports)).toBeUndefined();
});
