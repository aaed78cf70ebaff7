// The one place that speaks HTTP to a destination. One attempt a call: retries belong to the engine, which
// counts each against the rate, so got's own are off. Nothing is thrown; no answer is an answer too.

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got, { RequestError, TimeoutError } from 'got';
import type { HttpAnswer, HttpRequest } from './destination';

/** Idle connections older than this are not reused; longer than a burst, shorter than most servers' patience. */
const IDLE_SOCKET_MS = 4_000;
const AGENT_OPTIONS = { keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' } as const;

const STALE_SOCKET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_HTTP2_GOAWAY_SESSION']);

const client = got.extend({
  method: 'POST',
  retry: { limit: 0 },
  followRedirect: false,
  throwHttpErrors: false,
  agent: { http: new HttpAgent(AGENT_OPTIONS), https: new HttpsAgent(AGENT_OPTIONS) },
  headers: { 'content-type': 'application/json', 'user-agent': 'cio-relay' },
});

/** Sends one request, tells when all of it has left, and waits at most `timeoutMs` for the whole answer. */
export const post = async (
  request: HttpRequest,
  timeoutMs: number,
  hasLeft: () => void = () => undefined,
): Promise<HttpAnswer> => {
  try {
    const answer = client(request.url, {
      username: request.username,
      password: request.password,
      body: request.body,
      timeout: { request: timeoutMs },
    });
    answer.on('request', (sent) => sent.once('finish', hasLeft));
    const { statusCode, headers, body } = await answer;
    return { kind: 'response', status: statusCode, headers, body };
  } catch (error) {
    return noResponse(error);
  }
};

const noResponse = (error: unknown): HttpAnswer => {
  if (!(error instanceof RequestError)) throw error;
  if (error instanceof TimeoutError) return { kind: 'no_response', cause: 'timeout', code: error.code };
  const wasReused = error.request?.reusedSocket === true;
  const isStale = wasReused && STALE_SOCKET_CODES.has(error.code);
  return { kind: 'no_response', cause: isStale ? 'stale_socket' : 'network', code: error.code };
};
