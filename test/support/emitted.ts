// The metrics each function really emits, from its real handler: on a good day, a bad day, and with settings
// that cannot be used.

import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { handler as consume } from '../../functions/consumer';
import { handler as forward } from '../../functions/forwarder';
import { handler as ingest } from '../../functions/ingest';
import { handler as receive } from '../../functions/webhook';
import { tellSums } from '../../lib/http/minute-tally';
import { httpRequest } from './http-request';
import { startServer } from './http-server';
import { captureLogs, type EmittedMetric, emittedMetrics } from './log-output';
import { recordOf } from './sqs-record';
import { QUEUE_URLS, takeAll } from './stored-webhooks';
import { lambdaContext, sourceOf, webhookOf, webhookRequest } from './webhook-request';

export const FUNCTION_NAMES = ['Ingest', 'Consumer', 'Webhook', 'Forwarder'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

const context = { awsRequestId: 'r1', getRemainingTimeInMillis: () => 26_000 } as Context;

const records = [
  recordOf({ messageId: 'm1', body: { type: 'track', userId: 'u1', event: 'Ordered' } }),
  recordOf({ messageId: 'm2', body: 'no JSON' }),
  recordOf({
    messageId: 'm3',
    body: { type: 'track', userId: 'u1', event: 'Ordered', integrations: { All: false } },
  }),
  recordOf({
    messageId: 'm4',
    body: { type: 'track', userId: 'u1', event: 'Ordered', timestamp: 'yesterday' },
  }),
  recordOf({
    messageId: 'm5',
    body: { type: 'identify', userId: 'u1', traits: { bio: 'x'.repeat(1_001) } },
  }),
];

const rejected = JSON.stringify({ writeKey: 'write-key', batch: [{ type: 'track', userId: 'u1' }] });

const untimely = JSON.stringify({
  writeKey: 'write-key',
  batch: [{ type: 'track', userId: 'u1', event: 'Ordered', timestamp: 'yesterday' }],
});

const CALLS: Readonly<Record<FunctionName, () => Promise<unknown>>> = {
  Ingest: async () => {
    await ingest(httpRequest({ body: rejected }));
    await ingest(httpRequest({ body: untimely }));
    await ingest(httpRequest({ path: '/v1/track', body: '{"writeKey":"write-key","userId":"u1"}' }));
  },
  Consumer: () => consume({ Records: records }, context),
  Webhook: async () => {
    await receive(webhookRequest({ body: webhookOf({ metric: '' }) }), lambdaContext);
    await receive(webhookRequest({ body: '{}', key: 'stranger' }), lambdaContext);
  },
  Forwarder: () => forward({ Records: records }, context),
};

const STATUSES = [200, 401, 429, 500];

const realNow = Date.now;
let aheadMs = 0;

/** What is summed in one process must not wait until the next function is called, which has a process of its own. */
const passMinute = (): void => {
  aheadMs += 60_000;
};

const callInEveryWay = async (call: () => Promise<unknown>): Promise<readonly string[]> => {
  let status = 200;
  const server = await startServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end('{}'));
  });
  const { url } = server;
  const source = sourceOf({
    trackUrl: url,
    segmentUrl: url,
    segmentWriteKey: 'segment-key',
    archive: 'outcomes',
  });
  process.env['SOURCES'] = JSON.stringify([source]);
  // What answers there is no archive, and takes no line.
  Object.assign(process.env, { ARCHIVE_STREAM: 'archive', AWS_ENDPOINT_URL_FIREHOSE: url });
  const output = captureLogs();
  for (status of STATUSES) await call();
  process.env['SOURCES'] = 'no JSON';
  await call();
  process.env['SOURCES'] = JSON.stringify([source, { name: 'wrong', siteId: url }]);
  await call();
  passMinute();
  tellSums();
  passMinute();
  output.release();
  await server.close();
  return output.lines;
};

export const emittedByFunction = async (): Promise<ReadonlyMap<FunctionName, readonly EmittedMetric[]>> => {
  const sqs = mockClient(SQSClient);
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(takeAll);
  Object.assign(process.env, QUEUE_URLS, {
    QUEUE_URL: 'http://127.0.0.1:9/000000000000/events',
    DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/000000000000/dead-letters',
  });
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => realNow() + aheadMs);
  const emitted = new Map<FunctionName, readonly EmittedMetric[]>();
  for (const name of FUNCTION_NAMES) {
    emitted.set(name, emittedMetrics(await callInEveryWay(CALLS[name])));
  }
  clock.mockRestore();
  sqs.restore();
  return emitted;
};
