// The one place that speaks HTTP to a destination. One attempt a call: retries belong to the engine, which
// counts each against the rate, so got's own are off. Nothing is thrown; no answer is an answer too.

import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isObject } from '../json/json-object';
import { ANSWER_TOO_LARGE, type HttpAnswer, type HttpRequest } from './connector';

/** Idle connections older than this are not reused; longer than a burst, shorter than most servers' patience. */
const IDLE_SOCKET_MS = 4_000;
const AGENT_OPTIONS = { keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' } as const;

/**
 * The most bytes of an answer that are read, inflated. The longest answer with a meaning names every operation of a
 * full request; more would only fill the memory of the process.
 */
export const MAX_ANSWER_BYTES = 4 * 1_048_576;

const STALE_SOCKET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_HTTP2_GOAWAY_SESSION']);

const createClient = ({ default: got }: Got) =>
  got.extend({
    method: 'POST',
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    agent: { http: new HttpAgent(AGENT_OPTIONS), https: new HttpsAgent(AGENT_OPTIONS) },
    headers: { 'content-type': 'application/json', 'user-agent': 'cio-relay' },
  });

type Got = typeof import('got');
type Client = ReturnType<typeof createClient>;

const load = async () => {
  const got = await import('got');
  return { got, client: createClient(got) };
};

let loading: ReturnType<typeof load> | undefined;

/**
 * Loads what `post` needs, once in a process. A cold start calls it while the settings are on their way: got is
 * a quarter of the code, and its load then costs no time.
 */
export const loadHttpClient = (): ReturnType<typeof load> => {
  loading ??= load();
  return loading;
};

/** Sends one request, tells when all of it has left, and waits at most `timeoutMs` for the whole answer. */
export const post = async (
  request: HttpRequest,
  timeoutMs: number,
  hasLeft: () => void = () => undefined,
): Promise<HttpAnswer> => {
  const { client, got } = await loadHttpClient();
  let sent: ClientRequest | undefined;
  try {
    const stream = client.stream(request.url, {
      username: request.username,
      password: request.password,
      headers: { 'content-length': String(request.body.length) },
      timeout: { request: timeoutMs },
    });
    stream.on('request', (made) => {
      sent = made;
      made.once('finish', hasLeft);
    });
    // Not as the option `body`: got would keep a copy for a redirect, and no redirect is ever followed.
    stream.end(request.body);
    return await readAnswer(stream);
  } catch (error) {
    return noResponse(error, sent, got);
  }
};

const readAnswer = async (stream: ReturnType<Client['stream']>): Promise<HttpAnswer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream, and its connection with it.
    if (bytes > MAX_ANSWER_BYTES) return TOO_LARGE;
    chunks.push(chunk);
  }
  const { response } = stream;
  if (response === undefined) return WITHOUT_ANSWER;
  const { statusCode: status, headers } = response;
  return { kind: 'response', status, headers, body: Buffer.concat(chunks).toString() };
};

const TOO_LARGE: HttpAnswer = { kind: 'no_response', cause: 'network', code: ANSWER_TOO_LARGE };
const WITHOUT_ANSWER: HttpAnswer = { kind: 'no_response', cause: 'network', code: 'ECONNRESET' };

const noResponse = (
  error: unknown,
  sent: ClientRequest | undefined,
  { RequestError, TimeoutError }: Got,
): HttpAnswer => {
  if (!(error instanceof RequestError) && !isSystemError(error)) throw error;
  const { code } = error;
  if (error instanceof TimeoutError) return { kind: 'no_response', cause: 'timeout', code };
  const isStale = sent?.reusedSocket === true && STALE_SOCKET_CODES.has(code);
  return { kind: 'no_response', cause: isStale ? 'stale_socket' : 'network', code };
};

/** Where a write fails at once, got passes on the error of the system as it is. */
const isSystemError = (error: unknown): error is { readonly code: string } =>
  isObject(error) && typeof error['code'] === 'string' && typeof error['syscall'] === 'string';
