// An HTTP API that is not there is tried for half a minute before it is told; here the pauses pass at once.

import { httpSink } from '../../../../infra/cli/import/sink';
import { parseSources } from '../../../support/sources';

jest.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

const [SOURCE] = parseSources('[{"name":"shop","writeKey":"w","siteId":"s","apiKey":"k"}]');

it('Of an HTTP API that is not there it is said why each wait is, and in the end what to look at', async () => {
  if (SOURCE === undefined) throw new Error('There is no source.');
  const pace = { most: 1, take: async () => {} };
  const said: string[] = [];
  const io = { err: (text: string) => void said.push(text), signal: new AbortController().signal };
  const sending = httpSink('http://127.0.0.1:99', SOURCE, pace, io)(['{}']);

  await expect(sending).rejects.toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
    whatToDo: expect.stringMatching(/^Nothing listens there.* The same command goes on from there\.$/),
  });
  expect(said.map((text) => text.replace(/^.*\. Tries/, 'Tries'))).toEqual(
    [1, 2, 5, 10, 20].map((seconds) => `Tries again in ${seconds} s.`),
  );
  expect(said[0]).toMatch(/^http:\/\/127\.0\.0\.1:99\/v1\/import: .*ECONNREFUSED/);
});
