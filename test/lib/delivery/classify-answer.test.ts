// Which broken answers may be the content's fault, by what the HTTP client makes of them on a real connection.

import { describeAnswer, mayFollowContent } from '../../../lib/delivery/classify-answer';
import { post } from '../../../lib/delivery/http-client';
import { startServer, type TestServer } from '../../support/http-server';

let server: TestServer;
afterEach(() => server.close());

const answerTo = async (raw: string) => {
  server = await startServer((request) => request.socket.end(raw));
  return post({ url: server.url, username: 'site', password: 'key', body: Buffer.from('{}') }, 2_000);
};

const TAKEN = 'HTTP/1.1 200 OK\r\n';

it.each([
  ['shorter than it says', `${TAKEN}content-length: 100\r\n\r\n{"errors":`],
  ['cut off in a chunk', `${TAKEN}transfer-encoding: chunked\r\n\r\n20\r\n{"errors":`],
  ['no chunk', `${TAKEN}transfer-encoding: chunked\r\n\r\nzz\r\n{}`],
  ['not compressed as it says', `${TAKEN}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`],
  ['cut off in its headers', `${TAKEN}content-le`],
  ['no HTTP', 'Internal error\r\n\r\n'],
  ['none at all', ''],
])('an answer that is %s may be that of the content', async (_, raw) => {
  const answer = await answerTo(raw);

  expect(answer).toMatchObject({ kind: 'no_response', cause: 'network' });
  expect(mayFollowContent(answer)).toBe(true);
});

it.each([
  ['', 'HTTP 503'],
  [' \n', 'HTTP 503'],
  [' Busy. ', 'HTTP 503: Busy.'],
])('a failed answer whose body is %j is told as %s', (body, words) => {
  expect(describeAnswer({ kind: 'response', status: 503, headers: {}, body })).toBe(words);
});
