// The packages of a deployment under Lambda's own runtime client and 512 MB: how long each takes to start, what the
// worst payloads do to it, and whether it goes on after it was frozen. Run with `npm run check:runtime`; the first time it
// installs the client, which is compiled for some minutes (it needs cmake, autotools and a compiler).

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { fullPayload } from '../chaos/memory';
import { httpRequest } from '../support/http-request';
import { packageStage } from '../support/package';
import { recordOf } from '../support/sqs-record';
import { unzipTo } from '../support/unzip';

const ROOT = resolve(__dirname, '../..');
const CLIENT_VERSION = '4.0.2';
const CLIENT_FOLDER = join(ROOT, '.esbuild/runtime');
const CLIENT = join(CLIENT_FOLDER, 'node_modules/aws-lambda-ric/index.mjs');
const MEMORY_MB = 512;
/** What Lambda's runtime leaves to V8 of it. */
const HEAP_MB = 460;
const FUNCTIONS = ['ingest', 'consumer', 'webhook', 'forwarder'] as const;
type FunctionName = (typeof FUNCTIONS)[number];
const TIMEOUT_SECONDS: Readonly<Record<FunctionName, number>> = {
  ingest: 10,
  consumer: 60,
  webhook: 10,
  forwarder: 60,
};
const FROZEN_MS = 15_000;

const installClient = async (): Promise<void> => {
  if (existsSync(CLIENT)) return;
  console.log(`Installing aws-lambda-ric ${CLIENT_VERSION} …`);
  const parameters = ['install', '--no-save', '--prefix', CLIENT_FOLDER, `aws-lambda-ric@${CLIENT_VERSION}`];
  await promisify(execFile)('npm', parameters, { maxBuffer: 1e9 });
};

const listen = async (
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> => {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
};

const hostOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

interface Input {
  readonly Entries?: readonly { readonly Id: string; readonly MessageBody?: string }[];
}

/** SSM, SQS and Customer.io as far as the functions need them; everything is taken. */
const world = async (): Promise<Server> => {
  const server: Server = await listen(async (request, response) => {
    const target = String(request.headers['x-amz-target'] ?? '');
    const { Entries = [] } = target.startsWith('AmazonSQS') ? ((await json(request)) as Input) : {};
    request.resume();
    const source = {
      name: 'shop',
      writeKey: 'key',
      siteId: 's',
      apiKey: 'a',
      trackUrl: `http://${hostOf(server)}`,
    };
    const answer = target.startsWith('AmazonSSM')
      ? { Parameter: { Value: JSON.stringify([{ ...source, requestsPerSecond: 1_000 }]) } }
      : { Successful: Entries.map(({ Id, MessageBody = '' }) => taken(Id, MessageBody)) };
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(answer));
  });
  return server;
};

const taken = (Id: string, body: string) => ({
  Id,
  MessageId: Id,
  MD5OfMessageBody: createHash('md5').update(body).digest('hex'),
});

interface Answered {
  readonly isError: boolean;
  readonly body: string;
}

/** A sandbox: Lambda's Runtime API on one side, the runtime client with the package on the other. */
class Sandbox {
  private waiting: PromiseWithResolvers<ServerResponse> = Promise.withResolvers();
  private answering: PromiseWithResolvers<Answered> = Promise.withResolvers();
  private timeoutMs = 0;
  readonly log: string[] = [];

  private constructor(
    readonly process: ChildProcess,
    private readonly api: Server,
  ) {}

  static async start(name: FunctionName, folder: string, aws: string): Promise<Sandbox> {
    let sandbox: Sandbox | undefined;
    const api = await listen((request, response) => void sandbox?.serve(request, response));
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${HEAP_MB}`, CLIENT, `functions/${name}.handler`],
      {
        cwd: folder,
        env: environmentOf(name, folder, aws, hostOf(api)),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    sandbox = new Sandbox(child, api);
    const { log } = sandbox;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => log.push(String(data)));
    sandbox.timeoutMs = TIMEOUT_SECONDS[name] * 1_000;
    child.on('exit', (code, signal) =>
      sandbox?.answering.resolve({ isError: true, body: `the process ended with ${code ?? signal}` }),
    );
    return sandbox;
  }

  /** Resolves when the function is loaded and asks for its first event. */
  async ready(): Promise<void> {
    await Promise.race([this.waiting.promise, this.answering.promise]);
  }

  async invoke(event: unknown): Promise<Answered> {
    const next = await this.waiting.promise;
    this.waiting = Promise.withResolvers();
    this.answering = Promise.withResolvers();
    next.setHeader('Lambda-Runtime-Aws-Request-Id', randomUUID());
    next.setHeader('Lambda-Runtime-Deadline-Ms', String(Date.now() + this.timeoutMs));
    next.setHeader('Lambda-Runtime-Invoked-Function-Arn', 'arn:aws:lambda:us-east-1:000000000000:function:f');
    next.setHeader('content-type', 'application/json');
    next.end(JSON.stringify(event));
    return Promise.race([
      this.answering.promise,
      setTimeout(this.timeoutMs, { isError: true, body: 'no answer in time' }, { ref: false }),
    ]);
  }

  async peakMegabytes(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8').catch(() => '');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024;
  }

  stop(): void {
    this.process.kill('SIGKILL');
    this.api.closeAllConnections();
    this.api.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith('/invocation/next')) return this.waiting.resolve(response);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(202).end('{}');
    const isError = !request.url?.endsWith('/response');
    this.answering.resolve({ isError, body: Buffer.concat(chunks).toString() });
  }
}

const environmentOf = (name: FunctionName, folder: string, aws: string, api: string) => ({
  PATH: process.env['PATH'] ?? '',
  AWS_LAMBDA_RUNTIME_API: api,
  LAMBDA_TASK_ROOT: folder,
  _HANDLER: `functions/${name}.handler`,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MEMORY_MB),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: 'test',
  AWS_ENDPOINT_URL: `http://${aws}`,
  SOURCES_PARAMETER: '/cio-relay/prod/sources',
  MAX_CONSUMERS: '5',
  POWERTOOLS_METRICS_NAMESPACE: 'test',
  ...Object.fromEntries(
    ['QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'ACTIVITY_QUEUE_URL', 'ACTIVITY_DEAD_LETTER_QUEUE_URL'].map(
      (key) => [key, `http://${aws}/000000000000/${key.toLowerCase()}`],
    ),
  ),
});

const track = (number: number, text: string): object => ({
  type: 'track',
  messageId: `m-${number}`,
  userId: `user-${number % 2_000}`,
  timestamp: '2025-06-01T10:00:00.000Z',
  event: 'Order Completed',
  properties: { total: number, at: '2025-06-01T09:59:58.123Z', text },
});

const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  httpRequest({
    path: '/v1/batch',
    headers: { authorization: `Basic ${btoa('key:')}`, ...headers },
    body: typeof body === 'string' ? body : body.toString('base64'),
    isBase64Encoded: typeof body !== 'string',
  });

const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
const batchOf = (count: number): string =>
  JSON.stringify({ batch: Array.from({ length: count }, (_, number) => track(number, '')) });
const messages = (bodies: readonly unknown[]) => ({
  Records: bodies.map((body, index) =>
    recordOf({ messageId: `m${index}`, body, attributes: { source: 'shop' } }),
  ),
});

/** The largest and the worst that API Gateway and the event source hand over. */
const WORST: Readonly<Record<FunctionName, Readonly<Record<string, () => unknown>>>> = {
  ingest: {
    'a batch of 500 KB': () => post(batchOf(2_600)),
    'the same, compressed': () => post(gzipSync(batchOf(2_600)), { 'content-encoding': 'gzip' }),
    '10,000 invalid events': () => post(JSON.stringify({ batch: Array.from({ length: 10_000 }, () => 0) })),
    'an event nested 50,000 deep': () =>
      post(
        `{"batch":[{"type":"track","userId":"u","event":"e","properties":${nested.slice(250_000, 750_000)}}]}`,
      ),
    'gzip of gigabytes': () =>
      post(Buffer.concat(Array.from({ length: 64 }, () => gzipSync(Buffer.alloc(16 * 1_024 * 1_024))))),
    'broken JSON of 512 KB': () => post(`{"batch":[${'{"type":"track",'.repeat(30_000)}`),
    'a body of 6 MB': () => post('x'.repeat(6_000_000)),
  },
  consumer: {
    '6 MB in 10,000 events': () => fullPayload(10_000, track),
    '1,000 messages that are no JSON': () => messages(Array.from({ length: 1_000 }, () => '{"type":')),
    'a message of 500,000 elements': () => messages([`[${'0,'.repeat(500_000)}0]`]),
    'an event nested 100,000 deep': () =>
      messages([`{"type":"track","userId":"u","event":"e","properties":${nested}}`]),
  },
  webhook: {
    'a body of 6 MB': () => httpRequest({ path: '/webhooks/customerio/shop', body: 'x'.repeat(6_000_000) }),
    'a body nested 100,000 deep': () => httpRequest({ path: '/webhooks/customerio/shop', body: nested }),
  },
  forwarder: {
    '6 MB in 10,000 events': () => fullPayload(10_000, track),
    'a message of 500,000 elements': () => messages([`[${'0,'.repeat(500_000)}0]`]),
  },
};

const check = (isSo: boolean, what: string): void => {
  console.log(`${isSo ? 'ok ' : 'BAD'} ${what}`);
  if (!isSo) process.exitCode = 1;
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

const checkFunction = async (name: FunctionName, folder: string, aws: string): Promise<void> => {
  const startMs = performance.now();
  const sandbox = await Sandbox.start(name, folder, aws);
  try {
    await sandbox.ready();
    check(sandbox.process.exitCode === null, `${name}: started in ${seconds(performance.now() - startMs)}`);
    for (const [what, eventOf] of Object.entries(WORST[name])) {
      const event = eventOf();
      const fromMs = performance.now();
      const { isError, body } = await sandbox.invoke(event);
      const result = isError
        ? `${body.slice(0, 200)} ${sandbox.log.join('').slice(-2000)}`
        : `answered in ${seconds(performance.now() - fromMs)}`;
      check(!isError, `${name}, ${what}: ${result}`);
      if (sandbox.process.exitCode !== null) return;
    }
    const peak = await sandbox.peakMegabytes();
    check(peak < MEMORY_MB, `${name}: ${peak.toFixed(0)} of ${MEMORY_MB} MB at most`);
    await checkThaw(name, sandbox);
  } finally {
    sandbox.stop();
  }
};

/** Lambda stops a sandbox between invocations, for minutes: connections are closed on it meanwhile. */
const checkThaw = async (name: FunctionName, sandbox: Sandbox): Promise<void> => {
  const [eventOf] = Object.values(WORST[name]);
  sandbox.process.kill('SIGSTOP');
  await setTimeout(FROZEN_MS);
  sandbox.process.kill('SIGCONT');
  const { isError, body } = await sandbox.invoke(eventOf?.());
  check(!isError, `${name}: goes on after it was frozen${isError ? `, ${body.slice(0, 200)}` : ''}`);
};

const main = async (): Promise<void> => {
  await installClient();
  const { folder: packaged } = await packageStage();
  const folder = await mkdtemp(join(tmpdir(), 'cio-relay-runtime-'));
  const aws = await world();
  // Of what a sandbox keeps open nothing is left when it thaws.
  aws.keepAliveTimeout = FROZEN_MS / 3;
  try {
    for (const name of FUNCTIONS) {
      await unzipTo(join(packaged, `${name}.zip`), join(folder, name));
      await checkFunction(name, join(folder, name), hostOf(aws));
    }
  } finally {
    aws.closeAllConnections();
    aws.close();
    await rm(folder, { recursive: true });
  }
};

void main();
