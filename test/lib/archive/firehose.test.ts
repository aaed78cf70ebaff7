import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { archiveIn } from '../../../lib/archive/firehose';
import { type StandIn, startStandIn, useStandIn } from '../../support/archive-stand-in';
import { startServer } from '../../support/http-server';

const LINES = Array.from(
  { length: 1_200 },
  (_, index) => `{"source":"shop","receivedAt":"2026-03-01T10:00:00.000Z","number":${index}}`,
);
const ALL = [...LINES.keys()];
const WAIT = AbortSignal.timeout(60_000);

let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn();
  useStandIn(standIn);
});

beforeEach(() => {
  standIn.lines.length = 0;
  standIn.faults.length = 0;
  standIn.calls = 0;
});

afterAll(() => standIn.close());

const put = (lines: readonly string[] = LINES, deadline: AbortSignal = WAIT) =>
  archiveIn('cio-relay-test')?.put(lines, deadline);

it('Without a stream there is no archive', () => {
  expect(archiveIn(undefined)).toBeUndefined();
});

it('All lines arrive, once and in order', async () => {
  expect(await put()).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual(LINES);
  expect(standIn.calls).toBe(1);
});

it('Text of any script arrives as it was', async () => {
  const line = '{"source":"shop","receivedAt":"2026-03-01T10:00:00.000Z","name":"Grüße 🎉 مرحبا"}';

  expect(await put([line])).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual([line]);
});

it('Records longer than what is encoded at a time arrive as they were', async () => {
  const lines = Array.from(
    { length: 7 },
    (_, index) =>
      `{"source":"shop","receivedAt":"2026-03-01T10:00:00.000Z","text":"${'é1'.repeat(40_000 + index)}"}`,
  );

  expect(await put(lines)).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual(lines);
});

it('What a call did not take of its records is sent again, and only that', async () => {
  standIn.faults.push('some');

  expect(await put()).toEqual({ notTaken: [] });
  expect(standIn.calls).toBe(2);
  expect([...standIn.lines].sort()).toEqual([...LINES].sort());
});

it('What is throttled to the end is told, line by line', async () => {
  standIn.faults.push('some', 'all', 'all');

  // Three records: the second was taken at once.
  const notTaken = ALL.filter((position) => position < 500 || position >= 1_000);
  expect(await put()).toEqual({ notTaken, failure: 'ServiceUnavailableException' });
});

it('A call whose answer is lost is made again: its lines are there twice, and none is missing', async () => {
  standIn.faults.push('lost');

  expect(await put(LINES.slice(0, 1))).toEqual({ notTaken: [] });
  expect(standIn.lines).toEqual([LINES[0], LINES[0]]);
});

it('A service that is away is told with its own code', async () => {
  standIn.faults.push(...Array.from({ length: 10 }, () => 'unavailable' as const));

  expect(await put()).toEqual({ notTaken: ALL, failure: 'ServiceUnavailableException' });
});

it('At the deadline it gives up, also on a server that never answers', async () => {
  const deaf = await startServer(() => {});
  const before = process.env['AWS_ENDPOINT_URL_FIREHOSE'];
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = deaf.url;
  let result: unknown;
  await jest.isolateModulesAsync(async () => {
    const archive = await import('../../../lib/archive/firehose');
    result = await archive.archiveIn('s')?.put(LINES, AbortSignal.timeout(200));
  });
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = before;
  await deaf.close();

  expect(result).toMatchObject({ notTaken: ALL });
});

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The signature of AWS, version 4, as its documentation computes it from a request that has arrived. */
const signatureOf = ({ headers }: IncomingMessage, body: Buffer, secret: string): string => {
  const [, date = '', scope = '', names = ''] =
    /Credential=[^/]+\/(\d+)\/([^,]+), SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const [region = '', service = '', end = ''] = scope.split('/');
  const signed = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
  const request = ['POST', '/', '', ...[signed.join('')], names, hashOf(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${date}/${scope}`, hashOf(request)].join('\n');
  const key = [date, region, service, end].reduce(
    (last: string | Buffer, part) => hmac(last, part),
    `AWS4${secret}`,
  );
  return hmac(key, text).toString('hex');
};

it('What is sent is what is signed, though the body is not written by the SDK', async () => {
  const seen: { readonly given: string; readonly computed: string; readonly body: string }[] = [];
  const server = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const [, given = ''] = /Signature=(\w+)/.exec(request.headers.authorization ?? '') ?? [];
      seen.push({ given, computed: signatureOf(request, body, 'test'), body: body.toString() });
      response.end(JSON.stringify({ FailedPutCount: 0, RequestResponses: [{ RecordId: 'r' }] }));
    });
  });
  const before = process.env['AWS_ENDPOINT_URL_FIREHOSE'];
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = server.url;
  let result: unknown;
  await jest.isolateModulesAsync(async () => {
    const archive = await import('../../../lib/archive/firehose');
    result = await archive.archiveIn('stream')?.put(['{"a":"é"}'], WAIT);
  });
  process.env['AWS_ENDPOINT_URL_FIREHOSE'] = before;
  await server.close();

  expect(result).toEqual({ notTaken: [] });
  expect(seen).toHaveLength(1);
  expect(seen[0]?.given).toBe(seen[0]?.computed);
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    DeliveryStreamName: 'stream',
    Records: [{ Data: Buffer.from('{"a":"é"}\n').toString('base64') }],
  });
});
