import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sqs } from '../../../lib/queue/client';
import { sendMessages } from '../../../lib/queue/producer';
import { startServer, type TestServer } from '../../support/http-server';

const MESSAGE = { body: '{"type":"track"}', attributes: { source: 'shop' } };

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** What SQS answers when it has taken the message. */
const take = (response: ServerResponse): void => {
  const Successful = [{ Id: '0', MessageId: 'm', MD5OfMessageBody: md5(MESSAGE.body) }];
  response
    .setHeader('content-type', 'application/x-amz-json-1.0')
    .end(JSON.stringify({ Successful, Failed: [] }));
};

let server: TestServer;
let sockets: IncomingMessage['socket'][];

const startQueue = async (answers: readonly ((response: ServerResponse) => void)[]): Promise<string> => {
  server = await startServer((request, response) => {
    const answer = answers[sockets.length] ?? take;
    sockets.push(request.socket);
    request.resume().on('end', () => answer(response));
  });
  return `${server.url}/000000000000/events`;
};

beforeEach(() => {
  sockets = [];
  // The SDK remarks that the queue's host is not its endpoint's.
  jest.spyOn(console, 'warn').mockImplementation();
});

afterEach(() => server.close());

afterAll(() => sqs.destroy());

it('reuses its connection for the next call', async () => {
  const queueUrl = await startQueue([]);

  await sendMessages(sqs, queueUrl, [MESSAGE]);
  await sendMessages(sqs, queueUrl, [MESSAGE]);

  expect(sockets).toHaveLength(2);
  expect(sockets[0]).toBe(sockets[1]);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['was closed while nobody looked', (response) => response.destroy()],
  ['is throttled', (response) => response.writeHead(503).end()],
])('tries again when a connection %s', async (_, fail) => {
  const queueUrl = await startQueue([fail]);

  expect(await sendMessages(sqs, queueUrl, [MESSAGE])).toEqual({ notSent: [] });
  expect(sockets).toHaveLength(2);
});

it('tries again when a call is not answered in time', async () => {
  const queueUrl = await startQueue([() => {}]);

  expect(await sendMessages(sqs, queueUrl, [MESSAGE])).toEqual({ notSent: [] });
  expect(sockets).toHaveLength(2);
});
