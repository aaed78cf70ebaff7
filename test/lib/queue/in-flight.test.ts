// What is in flight on a queue, of a server that answers, hangs or refuses.

import { setTimeout as delay } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { countInFlight } from '../../../lib/queue/in-flight';
import { startServer, type TestServer } from '../../support/http-server';

const NEVER = new AbortController().signal;
const bodies: unknown[] = [];
let server: TestServer;
let sqs: SQSClient;

/** @param answer undefined: none ever comes. */
const startQueue = async (answer: object | undefined, status = 200): Promise<string> => {
  server = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      if (answer !== undefined)
        response
          .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify(answer));
    });
  });
  sqs = new SQSClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return `${server.url}/000000000000/events`;
};

beforeEach(() => {
  bodies.length = 0;
});

afterEach(async () => {
  sqs.destroy();
  await server.close();
});

it('is asked of SQS for that queue, and a number', async () => {
  const url = await startQueue({ Attributes: { ApproximateNumberOfMessagesNotVisible: '12000' } });

  expect(await countInFlight(sqs, url, NEVER)).toBe(12_000);
  expect(bodies).toEqual([{ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessagesNotVisible'] }]);
});

it.each([
  ['says nothing of it', {}, 200],
  ['says other things', { Attributes: {} }, 200],
  ['refuses', { __type: 'AccessDenied' }, 403],
])('is not known where SQS %s', async (_, answer, status) => {
  const url = await startQueue(answer, status);

  expect(await countInFlight(sqs, url, NEVER)).toBeUndefined();
});

it('is waited for no longer than a second, nor than the deadline', async () => {
  const url = await startQueue(undefined);
  const startedMs = performance.now();
  const slow = countInFlight(sqs, url, NEVER);
  const late = countInFlight(sqs, url, AbortSignal.timeout(100));

  expect(await Promise.race([late.then(() => 'late'), delay(900, 'nobody')])).toBe('late');
  expect(await slow).toBeUndefined();
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(990);
});
