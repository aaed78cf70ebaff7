// Real time and a real client: an SQS that takes calls and answers none, seconds before the invocation ends.

import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { handler } from '../../../functions/consumer';
import { relay } from '../../../lib/delivery/relay';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { startServer, type TestServer } from '../../support/http-server';
import { parseSources } from '../../support/sources';
import { recordOf } from '../../support/sqs-record';

/** Too little for a request to Customer.io, enough to begin with dead letters. */
const REMAINING_MS = 3_300;
const SOURCES = parseSources(JSON.stringify([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' }]));

let server: TestServer;
let sqs: SQSClient;
let calls: string[];

beforeEach(async () => {
  calls = [];
  server = await startServer((request) => {
    calls.push(String(request.headers['x-amz-target']));
  });
  sqs = new SQSClient({ endpoint: server.url, region: 'us-east-1' });
});
afterEach(async () => {
  sqs.destroy();
  await server.close();
});

it('an SQS that hangs does not keep the answer from being given in time, which names every message', async () => {
  const endsAt = performance.now() + REMAINING_MS;
  const bad = recordOf({ messageId: 'bad', body: {} });
  const good = recordOf({ messageId: 'good', body: { type: 'track', userId: 'u', event: 'e' } });

  const { response } = await relay([bad, good], SOURCES, customerIoConnector(1), {
    sqs,
    queueUrl: `${server.url}/0/events`,
    deadLetterQueueUrl: `${server.url}/0/dead`,
    remainingMs: () => endsAt - performance.now(),
    send: () => Promise.reject(new Error('There was no time for it.')),
    random: Math.random,
    now: () => new Date(),
  });

  expect(endsAt - performance.now()).toBeGreaterThan(100);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'bad' }, { itemIdentifier: 'good' }]);
  // The dead letter, and then when the messages come back: the one did not take the other's time.
  expect(new Set(calls)).toEqual(
    new Set(['AmazonSQS.SendMessageBatch', 'AmazonSQS.ChangeMessageVisibilityBatch']),
  );
});

it('a question that SQS does not answer keeps nothing from being put back, and is given up in a second', async () => {
  const taking = await startServer(async (request, answer) => {
    const target = String(request.headers['x-amz-target']);
    calls.push(target);
    if (target === 'AmazonSQS.GetQueueAttributes') return;
    const { Entries } = JSON.parse(await text(request)) as {
      Entries: { Id: string; MessageBody?: string }[];
    };
    const Successful = Entries.map(({ Id, MessageBody = '' }) => ({
      Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    answer.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify({ Successful }));
  });
  const client = new SQSClient({ endpoint: taking.url, region: 'us-east-1' });
  const startedAt = performance.now();
  // Half of the first is finished, and nothing of the second.
  const half = { type: 'track', userId: 'u', event: 'e', integrations: { All: false } };
  const whole = { type: 'track', userId: 'v', event: 'e' };
  const records = [
    recordOf({ messageId: 'half', receiveCount: 2, body: [half, whole] }),
    recordOf({ messageId: 'whole', receiveCount: 2, body: whole }),
  ];

  const { response } = await relay(records, SOURCES, customerIoConnector(1), {
    sqs: client,
    queueUrl: `${taking.url}/0/events`,
    deadLetterQueueUrl: `${taking.url}/0/dead`,
    remainingMs: () => 30_000 + startedAt - performance.now(),
    send: async () => ({ kind: 'response', status: 401, headers: {}, body: '' }),
    random: Math.random,
    now: () => new Date(),
  });
  client.destroy();
  await taking.close();

  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'whole' }]);
  expect(calls).toEqual([
    'AmazonSQS.SendMessageBatch',
    'AmazonSQS.GetQueueAttributes',
    'AmazonSQS.ChangeMessageVisibilityBatch',
  ]);
});

it.each([
  ['none can be used', 'no JSON'],
  [
    'that of a message has a mistake',
    '[{"name":"shop"},{"name":"blog","writeKey":"w","siteId":"s","apiKey":"k"}]',
  ],
])('nor does it when the settings keep the messages, because %s', async (_, sources) => {
  const saved = { ...process.env };
  Object.assign(process.env, {
    SOURCES: sources,
    QUEUE_URL: `${server.url}/0/events`,
    DEAD_LETTER_QUEUE_URL: `${server.url}/0/dead`,
  });
  const endsAt = performance.now() + REMAINING_MS;
  const context = { getRemainingTimeInMillis: () => endsAt - performance.now() } as Context;

  const answer = await handler({ Records: [recordOf({ body: {} })] }, context);

  process.env = saved;
  expect(endsAt - performance.now()).toBeGreaterThan(100);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(new Set(calls)).toEqual(
    new Set(['AmazonSQS.GetQueueAttributes', 'AmazonSQS.ChangeMessageVisibilityBatch']),
  );
});
