import { SQSClient } from '@aws-sdk/client-sqs';
import { sendMessages } from '../../../lib/queue/producer';
import { startServer, type TestServer } from '../../support/http-server';
import { until } from '../../support/until';

let server: TestServer;
let sqs: SQSClient;
let requests = 0;

beforeEach(async () => {
  requests = 0;
  // An SQS that takes requests and never answers one.
  server = await startServer(() => {
    requests += 1;
  });
  sqs = new SQSClient({ endpoint: server.url });
});
afterEach(async () => {
  sqs.destroy();
  await server.close();
});

const send = (deadline: AbortSignal, count = 1) =>
  sendMessages(
    sqs,
    `${server.url}/0/events`,
    Array.from({ length: count }, () => ({ body: '{}', attributes: {} })),
    deadline,
  );

it('gives up at the deadline, and says that the message is not sent', async () => {
  const deadline = new AbortController();
  const sending = send(deadline.signal);
  const { server: listening } = server;
  await new Promise((resolve) => listening.once('request', resolve));

  deadline.abort();

  expect(await sending).toEqual({ notSent: [0], failure: 'AbortError' });
  expect(requests).toBe(1);
});

it('does not begin after the deadline', async () => {
  expect(await send(AbortSignal.abort())).toEqual({ notSent: [0], failure: 'AbortError' });
  expect(requests).toBe(0);
});

it('gives up every call at the deadline', async () => {
  const deadline = new AbortController();
  const sending = send(deadline.signal, 11);
  await until(() => requests === 2);

  deadline.abort();

  expect(await sending).toEqual({ notSent: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], failure: 'AbortError' });
});

it('does not wait past the deadline to send again what SQS did not take', async () => {
  const busy = await startServer((_, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"Successful":[],"Failed":[{"Id":"0","SenderFault":false,"Code":"InternalError"}]}');
  });
  const deadline = new AbortController();
  const client = new SQSClient({ endpoint: busy.url });
  const jitter = jest.spyOn(Math, 'random').mockReturnValue(1);

  const sending = sendMessages(
    client,
    `${busy.url}/0/events`,
    [{ body: '{}', attributes: {} }],
    deadline.signal,
  );
  // The waits are those of 50, 150 and 450 ms: the last one is under way.
  await until(() => jitter.mock.calls.length >= 3);
  const abortedAt = performance.now();
  deadline.abort();

  expect(await sending).toEqual({ notSent: [0], failure: 'AbortError' });
  expect(performance.now() - abortedAt).toBeLessThan(200);
  client.destroy();
  await busy.close();
});
