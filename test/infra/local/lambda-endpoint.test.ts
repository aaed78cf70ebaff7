import { invokeFunction } from '../../../infra/local/lambda-endpoint';
import { startServer, type TestServer } from '../../support/http-server';

const EVENT = { Records: [] };
let server: TestServer;
let answer: { status: number; headers?: Record<string, string>; body: string };
let request: { url: string | undefined; body: string };

beforeAll(async () => {
  server = await startServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    request = { url: incoming.url, body };
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
});

afterAll(() => server.close());

const invoke = (): Promise<unknown> => invokeFunction(server.url, 'cio-relay-local-consumer', EVENT);

it('The event is posted to the function of that name, and its answer handed over', async () => {
  answer = { status: 200, body: '{"batchItemFailures":[]}' };

  expect(await invoke()).toEqual({ batchItemFailures: [] });
  expect(request).toEqual({
    url: '/2015-03-31/functions/cio-relay-local-consumer/invocations',
    body: JSON.stringify(EVENT),
  });
});

it('A function that returns nothing answers null', async () => {
  answer = { status: 200, body: '' };

  expect(await invoke()).toBeNull();
});

it.each([
  [
    'threw',
    { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage":"down"}' },
    'down',
  ],
  ['does not exist', { status: 404, body: '{"Message":"Function not found"}' }, '404'],
  ['answered what is no JSON', { status: 200, body: 'done' }, 'JSON'],
])('A function that %s has failed', async (_, given, message) => {
  answer = given;

  await expect(invoke()).rejects.toThrow(message);
});
