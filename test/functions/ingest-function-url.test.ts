// Ingest behind a function URL: the event is that of an HTTP API, and so are the answers.

import { gzipSync } from 'node:zlib';
import { functionUrlRequest, httpRequest, type RequestOptions } from '../support/http-request';
import {
  AUTHORIZED,
  ingest,
  queuedEvents,
  resetQueues,
  setIngestSettings,
  WRITE_KEY,
} from '../support/ingest';

const EVENT = { type: 'track', userId: 'u1', event: 'Signed Up', messageId: 'm1' };
const BODY = JSON.stringify(EVENT);
const SETTINGS = `/v1/projects/${WRITE_KEY}/settings`;

beforeEach(() => {
  setIngestSettings();
  resetQueues();
});

it.each<[string, RequestOptions]>([
  ['a JSON body', { path: '/v1/track', headers: AUTHORIZED, body: BODY }],
  [
    'gzip, which is told to be base64',
    {
      path: '/v1/batch',
      headers: { ...AUTHORIZED, 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ batch: [EVENT] })).toString('base64'),
      isBase64Encoded: true,
    },
  ],
  [
    'gzip in base64 of which nothing is told',
    {
      path: '/v1/batch',
      headers: { ...AUTHORIZED, 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ batch: [EVENT] })).toString('base64'),
    },
  ],
])('%s is taken', async (_, options) => {
  expect(await ingest(functionUrlRequest(options))).toMatchObject({ statusCode: 200 });
  expect(queuedEvents()).toMatchObject([{ event: 'Signed Up', userId: 'u1' }]);
});

it.each<[string, RequestOptions]>([
  ['a preflight', { method: 'OPTIONS', path: '/v1/track', headers: { origin: 'https://shop.example.com' } }],
  ['a path that is none', { method: 'GET', path: '/nowhere' }],
  ['a method that is none', { method: 'PUT', path: '/v1/track' }],
  ['a key that is none', { path: '/v1/track', body: BODY }],
  ['health', { method: 'GET', path: '/health' }],
  ['a pixel', { method: 'GET', path: '/v1/pixel/track', query: { data: 'e30=' } }],
])('%s is answered as behind API Gateway, with CORS of its own', async (_, options) => {
  const answer = await ingest(functionUrlRequest(options));

  expect(answer).toEqual(await ingest(httpRequest(options)));
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*' });
});

it('The settings tell SDKs the host of the URL', async () => {
  const { body } = await ingest(functionUrlRequest({ method: 'GET', path: SETTINGS }));

  expect(JSON.parse(body).integrations['Segment.io']).toMatchObject({
    apiHost: 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/v1',
    protocol: 'https',
  });
});
