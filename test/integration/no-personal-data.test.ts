// The real handlers over everything that can go wrong, with personal data and secrets planted wherever a sender,
// a destination, SQS or an operator can put some: nothing of it is in any log line or metric, at DEBUG.

import { readdirSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler as consume } from '../../functions/consumer';
import { handler as forward } from '../../functions/forwarder';
import { handler as ingest } from '../../functions/ingest';
import { handler as receive } from '../../functions/webhook';
import { httpRequest } from '../support/http-request';
import { startServer, type TestServer } from '../support/http-server';
import { captureLogs, type LogOutput, personalLines } from '../support/log-output';
import { plant } from '../support/plant';
import { recordOf } from '../support/sqs-record';
import { QUEUE_URLS, takeAll } from '../support/stored-webhooks';
import { lambdaContext, webhookRequest } from '../support/webhook-request';

const sqs = mockClient(SQSClient);
const FORGED = 'planted\n    at planted (planted@example.com:1:1)';
const GARBAGE = ['planted@example.com', '{"planted":', '["planted"]', '"planted"', '{}', '', 'null'];
const context = { awsRequestId: 'r1', getRemainingTimeInMillis: () => 26_000 } as Context;

let server: TestServer;
let answer: RequestListener;
let output: LogOutput;

const examplesIn = (folder: string, file: string): unknown[] =>
  readdirSync(join(__dirname, '..', folder)).map((name) =>
    plant(JSON.parse(readFileSync(join(__dirname, '..', folder, name, file), 'utf8'))),
  );

const EVENTS = examplesIn('golden', 'event.json');
const WEBHOOKS = examplesIn('golden-activity', 'webhook.json');
const ACTIVITY = examplesIn('golden-activity', 'event.json');

const setEnvironment = (variables: Readonly<Record<string, string>>): void => {
  Object.assign(process.env, variables);
};

const useSources = (over: object = {}): void => {
  const source = {
    name: 'shop',
    writeKey: 'planted-write-key',
    siteId: 'planted-site-id',
    apiKey: 'planted-api-key',
    webhookSigningKeys: ['planted-signing-key'],
    segmentWriteKey: 'planted-segment-write-key',
    trackUrl: server.url,
    segmentUrl: server.url,
    requestsPerSecond: 1_000,
    ...over,
  };
  setEnvironment({ SOURCES: JSON.stringify([source]) });
};

beforeAll(async () => {
  server = await startServer((request, response) => answer(request, response));
});
afterAll(() => server.close());

beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
  setEnvironment({
    ...QUEUE_URLS,
    QUEUE_URL: 'http://127.0.0.1:9/000000000000/events',
    DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/000000000000/dead-letters',
  });
  useSources();
  output = captureLogs();
});

afterEach(() => {
  output.release();
  expect(personalLines(output.lines)).toEqual([]);
});

const errors = Array.from({ length: 20 }, (_, batch_index) => ({
  batch_index,
  reason: 'planted reason',
  field: 'planted.field',
  message: 'planted@example.com is wrong',
}));
const PLANTED_ANSWER = JSON.stringify({
  errors,
  error: 'planted',
  code: 'planted',
  meta: { error: 'planted' },
});

const answering =
  (status: number, body = PLANTED_ANSWER): RequestListener =>
  (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status, { location: 'http://planted.example/' }).end(body));
  };

const ANSWERS: readonly (readonly [string, RequestListener])[] = [
  ['accept everything', answering(200, '{}')],
  ...[200, 207, 302, 400, 401, 403, 413, 422, 429, 500, 503].map(
    (status) => [`answer ${status}, quoting what was sent`, answering(status)] as const,
  ),
  ['answer what is no JSON', answering(207, 'planted')],
  ['hang up', (request) => void request.socket.destroy()],
];

const records: SQSRecord[] = [
  ...EVENTS.map((body, index) => recordOf({ messageId: `m${index}`, body })),
  recordOf({ messageId: 'batch', body: { batch: EVENTS } }),
  recordOf({ messageId: 'stranger', body: EVENTS[0], attributes: { source: 'planted-source' } }),
  ...GARBAGE.map((body, index) => recordOf({ messageId: `g${index}`, body })),
];

describe.each(ANSWERS)('when the destinations %s', (_, listener) => {
  it('the consumer logs no personal data', async () => {
    answer = listener;

    await consume({ Records: records }, context);

    expect(output.lines.length).toBeGreaterThan(0);
  });

  it('the forwarder logs no personal data', async () => {
    answer = listener;

    await forward({ Records: ACTIVITY.map((body, at) => recordOf({ messageId: `a${at}`, body })) }, context);

    expect(output.lines.length).toBeGreaterThan(0);
  });
});

const headers = {
  authorization: `Basic ${btoa('planted-write-key:planted')}`,
  'user-agent': 'planted',
  cookie: 'planted',
  origin: 'https://planted.example',
  'x-planted': 'planted',
};
const stranger = { ...headers, authorization: `Basic ${btoa('planted-stranger:')}` };
const REQUESTS = [
  ...EVENTS.map((event) => httpRequest({ path: '/v1/track', headers, body: JSON.stringify(event) })),
  httpRequest({ headers, body: JSON.stringify({ batch: EVENTS }) }),
  httpRequest({ headers: stranger, body: JSON.stringify({ batch: EVENTS, writeKey: 'planted-stranger' }) }),
  ...GARBAGE.map((body) => httpRequest({ headers, body })),
  httpRequest({ headers, body: 'planted', isBase64Encoded: true }),
  httpRequest({ headers, body: `{"batch":${'['.repeat(20_000)}"planted"${']'.repeat(20_000)}}` }),
  httpRequest({ method: 'GET', path: '/v1/projects/planted-write-key/settings', headers }),
  httpRequest({ method: 'GET', path: '/v1/projects/planted-stranger/settings', headers }),
  httpRequest({ method: 'GET', path: '/planted@example.com', query: { writeKey: 'planted' }, headers }),
  httpRequest({ method: 'PLANTED', headers }),
];

const webhookRequests = () => [
  ...WEBHOOKS.map((body) => webhookRequest({ body: JSON.stringify(body), key: 'planted-signing-key' })),
  ...GARBAGE.map((body) => webhookRequest({ body, key: 'planted-signing-key' })),
  webhookRequest({ body: GARBAGE.join(), key: 'planted-forger', headers: { 'x-planted': 'planted' } }),
  webhookRequest({ body: GARBAGE.join(), source: 'planted-source' }),
];

describe.each([
  ['takes everything', () => {}],
  [
    'fails with an error that quotes the message',
    () => void sqs.onAnyCommand().rejects(Object.assign(new Error(FORGED), { name: 'InternalError' })),
  ],
  [
    'takes nothing, and says why in the words of the message',
    () =>
      void sqs.onAnyCommand().callsFake(({ Entries }: { Entries: { Id: string }[] }) => ({
        Failed: Entries.map(({ Id }) => ({ Id, Code: 'Refused', Message: FORGED, SenderFault: true })),
      })),
  ],
])('when SQS %s', (_, prepare) => {
  it('ingest logs no personal data', async () => {
    prepare();

    const answers = await Promise.all(REQUESTS.map((request) => ingest(request)));

    expect(new Set(answers.map(({ statusCode }) => statusCode)).size).toBeGreaterThan(3);
  });

  it('the webhook function logs no personal data', async () => {
    prepare();

    const answers = await Promise.all(webhookRequests().map((request) => receive(request, lambdaContext)));

    expect(new Set(answers.map(({ statusCode }) => statusCode)).size).toBeGreaterThan(1);
  });

  it('the consumer logs no personal data', async () => {
    answer = answering(207);
    prepare();

    await consume({ Records: records }, context);

    expect(output.lines.length).toBeGreaterThan(0);
  });
});

describe.each([
  ['no JSON', () => setEnvironment({ SOURCES: 'planted' })],
  ['full of mistakes', () => useSources({ region: 'planted', siteId: 7, webhookSigningKeys: 'planted' })],
  ['without a queue', () => setEnvironment({ QUEUE_URL: 'planted', ACTIVITY_QUEUE_URL: 'planted' })],
])('when the settings are %s', (_, prepare) => {
  it('no function logs personal data or a secret', async () => {
    answer = answering(200);
    prepare();

    await consume({ Records: records }, context);
    await forward({ Records: records }, context);
    await ingest(httpRequest({ headers, body: JSON.stringify({ batch: EVENTS }) }));
    await receive(webhookRequest({ body: '{}', key: 'planted-signing-key' }), lambdaContext);

    expect(output.lines.length).toBeGreaterThanOrEqual(4);
  });
});

it('What this test looks for is in what it sends', () => {
  const sent = JSON.stringify([records, ACTIVITY, REQUESTS, webhookRequests()]);

  expect(sent.match(/planted/g)?.length).toBeGreaterThan(5_000);
});
