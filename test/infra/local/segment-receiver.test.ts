import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type SegmentReceiver, startSegmentReceiver } from '../../../infra/local/segment-receiver';

let receiver: SegmentReceiver;
const seen: unknown[] = [];

beforeEach(async () => {
  seen.length = 0;
  receiver = await startSegmentReceiver({
    writeKeys: ['key', 'another'],
    onEvent: (event) => seen.push(event),
  });
});
afterEach(() => receiver.close());

const post = async (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { authorization: basic('key:') },
) => {
  const response = await fetch(`${receiver.url}/v1/batch`, {
    method: 'POST',
    body,
    headers,
  });
  return { status: response.status, body: (await response.json()) as { message?: string } };
};
const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

const event = (messageId: string, over: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'A',
  messageId,
  ...over,
});
const batchOf = (...batch: unknown[]): string => JSON.stringify({ batch });

it('Events are taken as Segment takes them, and shown newest first', async () => {
  const answer = await post(batchOf(event('1'), event('2')));

  expect(answer).toEqual({ status: 200, body: { success: true } });
  expect(receiver.events()).toEqual([event('2'), event('1')]);
  const listing = await fetch(`${receiver.url}/events`);
  expect(await listing.json()).toEqual({ events: [event('2'), event('1')] });
  expect(seen).toEqual([event('1'), event('2')]);
});

it('An event that comes twice counts once', async () => {
  await post(batchOf(event('1'), event('1', { event: 'B' })));
  await post(batchOf(event('1'), event('2')));

  expect(receiver.events().map(({ messageId }) => messageId)).toEqual(['2', '1']);
});

it('Each of the write keys is taken', async () => {
  for (const key of ['key', 'another']) {
    const { status } = await post(batchOf(event(key)), { authorization: basic(`${key}:`) });
    expect(status).toBe(200);
  }
});

it('A body may be compressed', async () => {
  const headers = { authorization: basic('key:'), 'content-encoding': 'gzip' };

  expect((await post(gzipSync(batchOf(event('1'))), headers)).status).toBe(200);
});

it.each([
  ['another write key', { authorization: basic('other:') }],
  ['no write key', {}],
  ['another scheme', { authorization: 'Bearer key' }],
])('%s is answered 401', async (_, headers) => {
  expect((await post(batchOf(event('1')), headers as Record<string, string>)).status).toBe(401);
  expect(receiver.events()).toEqual([]);
});

it.each([
  ['no JSON', '{"batch":', /malformed JSON/],
  ['no batch', '[]', /malformed JSON/],
  ['a body over 500 KB', batchOf('x'.repeat(500_000)), /500000 bytes/],
  ['an event over 32 KB', batchOf(event('1', { text: 'x'.repeat(32_768) })), /32768 bytes/],
  ['more than 2,500 events', batchOf(...Array.from({ length: 2_501 }, (_, index) => index)), /2500 events/],
  ['an event that is no object', batchOf(event('1'), 'event'), /no object/],
  ['an event about nobody', batchOf(event('1', { userId: '' })), /neither userId nor anonymousId/],
  ['a track event without a name', batchOf(event('1', { event: undefined })), /no name/],
])('%s is answered 400, and nothing of the request is kept', async (_, body, message) => {
  const answer = await post(body);

  expect(answer.status).toBe(400);
  expect(answer.body.message).toMatch(message);
  expect(receiver.events()).toEqual([]);
});

it('There is nothing at other paths', async () => {
  expect((await fetch(`${receiver.url}/v1/track`, { method: 'POST' })).status).toBe(404);
});

it.each([
  ['by a name of its own for this machine', { host: 'evil.example' }],
  ['from its own address', { origin: 'http://evil.example' }],
])('Another page is not shown the events, asked %s', async (_, headers) => {
  await post(batchOf(event('1')));
  const [response] = (await once(get(`${receiver.url}/events`, { headers }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();

  expect(response.statusCode).toBe(403);
});
