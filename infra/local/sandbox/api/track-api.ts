// The way of a request to the Track API: credentials, rate, faults, then its endpoint. Nothing is applied that was
// not admitted, and a fault strikes before or after, never in between.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_BATCH_BYTES } from '../../../../lib/customerio/limits';
import type { Workspace } from '../workspace';
import { ENDPOINTS, type Endpoint } from './endpoints';
import type { Exchange, TrackApi } from './exchange';
import { type JsonAnswer, parseJson, receiveBody, sendAnswer, sendTruncated } from './http';

const UNAUTHORIZED = 'Unauthorized request';

export const handleTrackRequest = async (
  api: TrackApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const fate = api.plan.next();
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0] ?? '';
  const endpoint = ENDPOINTS.get(path);
  const workspace = api.byCredentials.get(credentialsOf(request)) ?? (endpoint?.isOpen && api.first);
  // Counted when it arrives, not when its body is complete: the rate is one of requests started.
  const record = workspace?.recordRequest();
  const isAdmitted = workspace !== undefined && record !== undefined && workspace.admit(record);
  if (record !== undefined && fate.kind !== undefined) record.fault = fate.kind;
  const body = await receiveBody(request, endpoint?.maxBytes ?? MAX_BATCH_BYTES);
  const exchange = { api, method, path, body, workspace, record, isAdmitted, fate };
  if (body.kind === 'aborted') return;
  if (fate.kind === 'reset') return cut(exchange, response);
  await reply(exchange, answerTo(exchange), response);
};

/** `siteId:apiKey`, or nothing that any workspace has. */
const credentialsOf = ({ headers }: IncomingMessage): string => {
  const [scheme = '', encoded = ''] = (headers.authorization ?? '').split(' ');
  return scheme.toLowerCase() === 'basic' ? Buffer.from(encoded, 'base64').toString() : '';
};

const reply = async (exchange: Exchange, answer: JsonAnswer, response: ServerResponse): Promise<void> => {
  const { fate, record } = exchange;
  if (fate.delayMs > 0 && !(await waited(exchange, response))) return;
  if (fate.kind === 'lostAnswer') return cut(exchange, response);
  report(exchange, answer, fate.kind);
  if (record !== undefined) record.status = answer.status;
  if (fate.kind === 'truncatedAnswer') return sendTruncated(response, answer);
  sendAnswer(response, answer);
};

const cut = (exchange: Exchange, response: ServerResponse): void => {
  report(exchange, NO_ANSWER, exchange.fate.kind);
  response.socket?.resetAndDestroy();
};

const NO_ANSWER: JsonAnswer = { status: 0, body: {} };

const report = (
  { api, method, path, body, workspace }: Exchange,
  answer: JsonAnswer,
  fault: string | undefined,
): void => {
  if (api.onExchange === undefined) return;
  const json = body.kind === 'bytes' ? parseJson(body.bytes) : { ok: false as const };
  api.onExchange({
    method,
    path,
    body: json.ok ? json.value : undefined,
    status: answer.status,
    answer: answer.body,
    fault,
    siteId: workspace?.settings.siteId,
  });
};

/** False when the sandbox closed meanwhile, or the client lost its patience: then it is told at that moment. */
const waited = async (exchange: Exchange, response: ServerResponse): Promise<boolean> => {
  const { api, fate } = exchange;
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  response.once('close', leave);
  try {
    return await delay(fate.delayMs, true, { signal: AbortSignal.any([api.closing.signal, leaving.signal]) });
  } catch {
    if (!api.closing.signal.aborted) report(exchange, NO_ANSWER, fate.kind ?? 'latency');
    return false;
  } finally {
    response.off('close', leave);
  }
};

const answerTo = (exchange: Exchange): JsonAnswer => {
  const { api, method, path, workspace } = exchange;
  const { faults } = api.plan;
  if (faults.unavailable) return refuse(exchange, 503, 'Service unavailable');
  if (faults.redirectTo !== undefined) return redirect(faults.redirectTo, path);
  if (faults.unauthorized) return refuse(exchange, 401, UNAUTHORIZED);
  if (workspace === undefined) {
    const message = 'the site id and API key of the request are those of no workspace';
    api.first.reject(401, [{ reason: 'invalid', field: 'authorization', message }]);
    return refuse(exchange, 401, UNAUTHORIZED);
  }
  const endpoint = ENDPOINTS.get(path);
  if (endpoint === undefined) return refuse(exchange, 404, `there is no ${path}`);
  if (endpoint.method !== method) return refuse(exchange, 405, `${path} takes ${endpoint.method}`);
  return answerWithinRate(exchange, endpoint, workspace);
};

const answerWithinRate = (exchange: Exchange, endpoint: Endpoint, workspace: Workspace): JsonAnswer => {
  const { fate, isAdmitted } = exchange;
  if (!isAdmitted || fate.kind === 'throttle') return refuse(exchange, 429, 'Too many requests');
  if (fate.kind === 'serverError') return refuse(exchange, fate.status, 'Internal error');
  const poison = poisonIn(exchange);
  if (poison !== undefined) return refuse(exchange, poison.status, 'Internal error');
  return endpoint.handle(exchange, workspace);
};

const poisonIn = ({ api, body }: Exchange) =>
  body.kind === 'bytes' ? api.plan.faults.poison.find(({ text }) => body.bytes.includes(text)) : undefined;

const RETRYABLE: readonly number[] = [429, 503];

const refuse = ({ api }: Exchange, status: number, error: string): JsonAnswer => {
  const { retryAfterSeconds } = api.plan.faults;
  const answer = { status, body: { meta: { error } } };
  if (retryAfterSeconds === undefined || !RETRYABLE.includes(status)) return answer;
  return { ...answer, headers: { 'retry-after': String(retryAfterSeconds) } };
};

const redirect = (base: string, path: string): JsonAnswer => ({
  status: 307,
  body: {},
  headers: { location: base.replace(/\/+$/, '') + path },
});
