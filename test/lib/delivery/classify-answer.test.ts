// Which broken answers may be the content's fault, by what the HTTP client makes of them on a real connection.

import { describeAnswer, isTimeout, mayFollowContent } from '../../../lib/delivery/classify-answer';
import { ANSWER_TOO_LARGE, type HttpAnswer } from '../../../lib/delivery/connector';
import { post } from '../../../lib/delivery/http-client';
import { startServer, type TestServer } from '../../support/http-server';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

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

const response = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: 'response',
  status,
  headers,
  body: '',
});
const noResponse = (cause: 'timeout' | 'network', code: string): HttpAnswer => ({
  kind: 'no_response',
  cause,
  code,
});

it.each<[HttpAnswer, boolean]>([
  [response(403), true],
  [response(403, { 'retry-after': '7' }), true],
  [response(500), true],
  [response(503), true],
  [response(503, { 'retry-after': '7' }), false],
  [response(200), true],
  [response(204, { 'retry-after': '7' }), false],
  [response(301), false],
  [response(401), false],
  [response(404), false],
  [response(429), false],
  [noResponse('network', 'ECONNRESET'), true],
  [noResponse('network', 'EPIPE'), true],
  [noResponse('network', 'ERR_READING_RESPONSE_STREAM'), true],
  [noResponse('network', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH'), true],
  [noResponse('network', ANSWER_TOO_LARGE), true],
  [noResponse('network', 'HPE_INVALID_CONSTANT'), true],
  [noResponse('network', 'ECONNREFUSED'), false],
  [noResponse('network', 'NO_HPE_CODE'), false],
  [noResponse('timeout', 'ETIMEDOUT'), false],
])('of %j the content may be to blame: %s', (answer, expected) => {
  expect(mayFollowContent(answer)).toBe(expected);
});

it('a timeout is no answer in all the time there was, and no other failure', () => {
  expect(isTimeout(noResponse('timeout', 'X'))).toBe(true);
  expect(isTimeout(noResponse('network', 'X'))).toBe(false);
  expect(isTimeout(response(504))).toBe(false);
});

it('no answer is told by its cause', () => {
  expect(describeAnswer(noResponse('network', 'ECONNREFUSED'))).toBe('no answer: network (ECONNREFUSED)');
});

it.each([
  ['', 'HTTP 503'],
  [' \n', 'HTTP 503'],
  [' Busy. ', 'HTTP 503: Busy.'],
])('a failed answer whose body is %j is told as %s', (body, words) => {
  expect(describeAnswer({ kind: 'response', status: 503, headers: {}, body })).toBe(words);
});
