// What is uploaded for each function: its own code and nothing else, small, and able to run on its own.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { httpRequest } from '../support/http-request';
import { startServer, type TestServer } from '../support/http-server';
import { packageStage } from '../support/package';
import { recordOf } from '../support/sqs-record';
import { unzip, unzipTo } from '../support/unzip';

const ROOT = resolve(__dirname, '../..');
const TIMEOUT_MS = 120_000;
const FUNCTIONS = ['ingest', 'consumer', 'webhook', 'forwarder'] as const;
type FunctionName = (typeof FUNCTIONS)[number];

/** Measured, and a little more. What is to grow a bundle beyond it is worth a thought. */
const MAX_BUNDLE_BYTES: Readonly<Record<FunctionName, number>> = {
  ingest: 345_000,
  consumer: 515_000,
  webhook: 288_000,
  forwarder: 483_000,
};

let packaged: string;
let outDir: string;
let options: BuildOptions;

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'cio-relay-bundles-'));
  ({ folder: packaged } = await packageStage());
  const state = JSON.parse(await readFile(join(packaged, 'serverless-state.json'), 'utf8'));
  const { packages, minify, sourcemap, sourcesContent, mainFields, exclude, plugins } =
    state.service.custom.esbuild;
  options = { packages, minify, sourcemap, sourcesContent, mainFields, external: exclude };
  options.plugins = (await import(join(ROOT, plugins))).default;
  if (options.packages === 'bundle') delete options.packages;
}, TIMEOUT_MS);

afterAll(() => rm(outDir, { recursive: true }));

const filesOf = (name: FunctionName) => unzip(join(packaged, `${name}.zip`));

/** The same build once more, which tells what went into it. */
const rebuild = async (name: FunctionName): Promise<{ code: Buffer; metafile: Metafile }> => {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [`functions/${name}.ts`],
    outdir: '.',
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    write: false,
    metafile: true,
  });
  const [output] = outputFiles.filter(({ path }) => path.endsWith('.js'));
  return { code: Buffer.from(output?.contents ?? []), metafile };
};

/** Source files of which something is in the bundle. */
const sourcesOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );

const HTTP = String.raw`^lib/ingest/(accept|cors|routes|analytics-js|settings-document)\.ts`;
const TRANSLATION = String.raw`^lib/mapping/(translate|identify|track|page|screen|group|alias|device)\.ts|^lib/destinations/customerio/destination\.ts`;
const ENGINE = String.raw`^lib/delivery/(deliver|limiter|http-client)\.ts|node_modules/(got|bottleneck)/`;
const SIGNATURES = String.raw`^lib/webhook/webhook-signature\.ts`;
const FORWARDING = String.raw`^lib/destinations/segment/(destination|prepare|outcome)\.ts`;

/** What infra/build/shake.js and `exclude` in serverless.yml leave out of every function. */
const LEFT_OUT =
  /^node_modules\/(.*\/)?(cacheable-request\/|keyv\/|event-streams\/|dns-cache\.js$|http2-client\.js$)/;
/** Parts of Node that are dear to load, and that nothing loads before it needs them. */
const DEAR = ['node:http2', 'node:fs/promises'];

/** What only other functions need. */
const NOT_IN: Readonly<Record<FunctionName, RegExp>> = {
  ingest: new RegExp([TRANSLATION, ENGINE, SIGNATURES, FORWARDING].join('|')),
  consumer: new RegExp([HTTP, SIGNATURES, FORWARDING].join('|')),
  webhook: new RegExp([HTTP, TRANSLATION, ENGINE, FORWARDING].join('|')),
  forwarder: new RegExp([HTTP, TRANSLATION, SIGNATURES].join('|')),
};

describe.each(FUNCTIONS)('The package of %s', (name) => {
  it('holds its bundle, minified, and no source map', async () => {
    const files = await filesOf(name);
    const own = [...files.keys()].filter((path) => !path.startsWith('node_modules/'));

    expect(own).toEqual([`functions/${name}.js`]);
    expect(files.get(own[0] ?? '')?.toString()).not.toContain('sourceMappingURL');
    expect(options).toMatchObject({ minify: true, sourcemap: 'external' });
  });

  it('is small', async () => {
    const size = (await filesOf(name)).get(`functions/${name}.js`)?.length ?? 0;
    process.stdout.write(`  bundle of ${name}: ${Math.round(size / 1_000)} KB\n`);

    expect(size).toBeLessThanOrEqual(MAX_BUNDLE_BYTES[name]);
    expect(size).toBeGreaterThan(MAX_BUNDLE_BYTES[name] * 0.9);
  });

  it('carries no other function’s code, nothing that none needs, and no development dependency', async () => {
    const { code, metafile } = await rebuild(name);
    const sources = sourcesOf(metafile);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);

    expect(code.equals((await filesOf(name)).get(`functions/${name}.js`) ?? Buffer.alloc(0))).toBe(true);
    expect(sources.filter((path) => path.startsWith('functions/'))).toEqual([`functions/${name}.ts`]);
    expect(sources.filter((path) => NOT_IN[name].test(path))).toEqual([]);
    expect(sources.filter((path) => LEFT_OUT.test(path))).toEqual([]);
    expect(imports.map(({ path }) => path).filter((path) => DEAR.includes(path))).toEqual([]);
    expect(await developmentDependencies(sources)).toEqual([]);
  });
});

const developmentDependencies = async (sources: readonly string[]): Promise<string[]> => {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const folders = sources.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].filter((folder) => packages[folder]?.dev !== undefined);
};

it('analytics.js travels with ingest as files, and with no other function', async () => {
  const packages = await Promise.all(FUNCTIONS.map(filesOf));
  const withAnalyticsJs = FUNCTIONS.filter((_, index) =>
    packages[index]?.has('node_modules/@segment/analytics-next/dist/umd/standalone.js'),
  );

  expect(withAnalyticsJs).toEqual(['ingest']);
});

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

const taken = ({ Id, MessageBody }: Entry) => ({
  Id,
  MessageId: 'm',
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});

/** SSM and SQS as far as ingest needs them. */
const answerAws = (request: IncomingMessage, response: ServerResponse): void => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { Entries = [] } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries?: Entry[] };
    const isSsm = request.headers['x-amz-target'] === 'AmazonSSM.GetParameter';
    const source = { name: 'shop', writeKey: 'key', siteId: 's', apiKey: 'a' };
    const answer = isSsm
      ? { Parameter: { Value: JSON.stringify([source]) } }
      : { Successful: Entries.map(taken) };
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer));
  });
};

/** Their names and rules take longer to load than got, and no event needs them. */
const WITHOUT_FORMATTERS = 'delete Intl.ListFormat';

/** What a function prints, unpacked alone, with what Lambda gives it and no more; `call` is what it is called with. */
const printedBy = async (name: FunctionName, call: string, aws: TestServer): Promise<string> => {
  const folder = await mkdtemp(join(outDir, 'unpacked-'));
  await unzipTo(join(packaged, `${name}.zip`), folder);
  const script = `${WITHOUT_FORMATTERS}; require('./functions/${name}.js').handler(${call}).then((answer) => console.log(JSON.stringify(answer)))`;

  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script], {
    cwd: folder,
    env: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: 'test',
      AWS_ENDPOINT_URL: aws.url,
      SOURCES_PARAMETER: '/cio-relay/prod/sources',
      QUEUE_URL: `${aws.url}/000000000000/events`,
      DEAD_LETTER_QUEUE_URL: `${aws.url}/000000000000/dead-letters`,
      ACTIVITY_QUEUE_URL: `${aws.url}/000000000000/activity`,
      ACTIVITY_DEAD_LETTER_QUEUE_URL: `${aws.url}/000000000000/activity-dead-letters`,
    },
  }).finally(aws.close);
  return stderr + stdout;
};

/** Last its answer to one event. */
const printedByIngest = async (answer: typeof answerAws): Promise<string> => {
  const body = JSON.stringify({ writeKey: 'key', userId: 'u1', event: 'Ordered' });
  const request = JSON.stringify(httpRequest({ path: '/v1/track', body }));
  return printedBy('ingest', request, await startServer(answer));
};

it(
  'Unpacked alone, ingest reads its settings and stores an event',
  async () => {
    const printed = await printedByIngest(answerAws);

    expect(JSON.parse(printed)).toMatchObject({ statusCode: 200, body: '{"success":true}' });
  },
  TIMEOUT_MS,
);

/** Refuses by the error's name, as each service writes it. */
const refuseBy =
  (service: 'AmazonSSM' | 'AmazonSQS', type: string): typeof answerAws =>
  (request, response) => {
    if (!String(request.headers['x-amz-target']).startsWith(service)) return answerAws(request, response);
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
    return response.end(JSON.stringify({ __type: type, message: 'refused' }));
  };

it.each([
  ['AmazonSSM', 'ParameterNotFound', 'could not be read: ParameterNotFound. Store it there'],
  ['AmazonSQS', 'com.amazonaws.sqs#QueueDoesNotExist', '"failure":"QueueDoesNotExist"'],
] as const)(
  'An error of %s keeps its name, though the package holds no class for it',
  async (service, type, told) => {
    const printed = await printedByIngest(refuseBy(service, type));

    expect(printed).toContain(told);
  },
  TIMEOUT_MS,
);

const EVENT = { type: 'track', event: 'Ordered', userId: 'u1', messageId: 'e-1', properties: {} };

it.each([
  ['consumer', '/api/v2/batch', { batch: [{ type: 'person', name: 'Ordered' }] }],
  ['forwarder', '/v1/batch', { batch: [{ type: 'track', event: 'Ordered' }] }],
] as const)(
  'Unpacked alone, %s delivers an event and reads an answer that is compressed',
  async (name, path, body) => {
    const requests: { path: string | undefined; body: unknown }[] = [];
    const server = await startServer((request, response) => {
      const own = `http://${request.headers.host}`;
      const source = { name: 'shop', writeKey: 'key', siteId: 's', apiKey: 'a', trackUrl: own };
      const settings = [{ ...source, segmentUrl: own, segmentWriteKey: 'k' }];
      if (request.headers['x-amz-target'] !== undefined) {
        response.end(JSON.stringify({ Parameter: { Value: JSON.stringify(settings) } }));
        return;
      }
      void json(request).then((sent) => requests.push({ path: request.url, body: sent }));
      request.on('end', () => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"success":true}'));
      });
    });
    const event = { Records: [recordOf({ body: EVENT, attributes: { source: 'shop' } })] };
    const call = `${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 60_000 }`;

    const printed = await printedBy(name, call, server);

    expect(requests).toMatchObject([{ path, body }]);
    expect(JSON.parse(printed.trim().split('\n').at(-1) ?? '')).toEqual({ batchItemFailures: [] });
  },
  TIMEOUT_MS,
);

it.each(FUNCTIONS)(
  'Unpacked alone, %s can be loaded',
  async (name) => {
    const folder = join(outDir, `unpacked-${name}`);
    await unzipTo(join(packaged, `${name}.zip`), folder);
    const script = `console.log(Object.keys(require('./functions/${name}.js')).join())`;

    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder, env: {} });

    expect(stdout.trim()).toBe('handler');
  },
  TIMEOUT_MS,
);
