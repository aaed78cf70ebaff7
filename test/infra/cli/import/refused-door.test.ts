// An HTTP API that is not there, or not now, is tried for half a minute before it is told, or for as long as it asks;
// here the pauses pass at once.

import { httpSink } from '../../../../infra/cli/import/sink';
import { startServer } from '../../../support/http-server';
import { parseSources } from '../../../support/sources';

jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

const [SOURCE] = parseSources('[{"name":"shop","writeKey":"w","siteId":"s","apiKey":"k"}]');

const sendTo = (url: string) => {
  if (SOURCE === undefined) throw new Error('There is no source.');
  const pace = { most: 1, take: async () => {} };
  const said: string[] = [];
  const io = { err: (text: string) => void said.push(text), signal: new AbortController().signal };
  return { said, sending: httpSink({ endpoint: url }, SOURCE, pace, io)(['{}']) };
};

it('Of an HTTP API that is not there it is said why each wait is, and in the end what to look at', async () => {
  const { said, sending } = sendTo('http://127.0.0.1:99');

  await expect(sending).rejects.toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
    whatToDo: expect.stringMatching(/^Nothing listens there.* The same command goes on from there\.$/),
  });
  expect(said.map((text) => text.replace(/^.*\. Tries/, 'Tries'))).toEqual(
    [1, 2, 5, 10, 20].map((seconds) => `Tries again in ${seconds} s.`),
  );
  expect(said[0]).toMatch(/^http:\/\/127\.0\.0\.1:99\/v1\/import: .*ECONNREFUSED/);
});

it.each([
  ['longer than the own pause', '30', 'Tries again in 30 s.'],
  ['shorter', '0', 'Tries again in 1 s.'],
  ['what is no time', 'soon', 'Tries again in 1 s.'],
])('A Retry-After of %s: the longer of the two is waited', async (_name, retryAfter, expected) => {
  let requests = 0;
  const door = await startServer((_request, response) => {
    requests += 1;
    response.writeHead(requests === 1 ? 429 : 200, { 'retry-after': retryAfter }).end();
  });
  const { said, sending } = sendTo(door.url);

  await sending.finally(() => door.close());

  expect(requests).toBe(2);
  expect(said).toEqual([`${door.url}/v1/import: answered 429. ${expected}`]);
});
