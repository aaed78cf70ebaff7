// The Track API: credentials, rate, the two v2 endpoints and the region. Statuses and bodies are those of the
// official description; where it is silent (429, a body too large) they are what HTTP itself has for the case.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_BATCH_BYTES, MAX_OPERATION_BYTES } from '../../../../lib/customerio/limits';
import { isObject } from '../../../../lib/json/json-object';
import { type ParseResult, parseOperation } from '../parse/parse-operation';
import type { Problem } from '../parse/problems';
import type { RequestRecord, Workspace } from '../workspace';
import type { Fate, FaultPlan } from './faults';
import { type Body, type JsonAnswer, parseJson, receiveBody, sendAnswer, sendTruncated } from './http';

export interface TrackApi {
  readonly url: string;
  /** By `siteId:apiKey`. */
  readonly byCredentials: ReadonlyMap<string, Workspace>;
  readonly plan: FaultPlan;
  /** Status for a body over the limit, which the description does not name. */
  readonly oversizedStatus: number;
  /** Ends every wait when the sandbox closes. */
  readonly closing: AbortController;
  /** The workspace whose rejections tell of requests with wrong credentials. */
  readonly first: Workspace;
}

/** One request on its way through. */
interface Exchange {
  readonly api: TrackApi;
  readonly method: string;
  readonly path: string;
  readonly body: Body;
  readonly workspace: Workspace | undefined;
  readonly record: RequestRecord | undefined;
  readonly isAdmitted: boolean;
  readonly fate: Fate;
}

interface Endpoint {
  readonly method: string;
  readonly maxBytes: number;
  readonly handle: (exchange: Exchange, workspace: Workspace) => JsonAnswer;
}

const ENVIRONMENT_ID = 1;
const UNAUTHORIZED = 'Unauthorized request';
const OK: JsonAnswer = { status: 200, body: {} };

export const handleTrackRequest = async (
  api: TrackApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const fate = api.plan.next();
  const workspace = api.byCredentials.get(credentialsOf(request));
  // Counted when it arrives, not when its body is complete: the rate is one of requests started.
  const record = workspace?.recordRequest();
  const isAdmitted = workspace !== undefined && record !== undefined && workspace.admit(record);
  if (record !== undefined && fate.kind !== undefined) record.fault = fate.kind;
  if (fate.kind === 'reset') return void request.socket.resetAndDestroy();
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0] ?? '';
  const body = await receiveBody(request, ENDPOINTS.get(path)?.maxBytes ?? MAX_BATCH_BYTES);
  const exchange = { api, method, path, body, workspace, record, isAdmitted, fate };
  if (body.kind === 'aborted') return;
  await reply(exchange, answerTo(exchange), response);
};

/** `siteId:apiKey`, or nothing that any workspace has. */
const credentialsOf = ({ headers }: IncomingMessage): string => {
  const [scheme = '', encoded = ''] = (headers.authorization ?? '').split(' ');
  return scheme.toLowerCase() === 'basic' ? Buffer.from(encoded, 'base64').toString() : '';
};

const reply = async (exchange: Exchange, answer: JsonAnswer, response: ServerResponse): Promise<void> => {
  const { api, fate, record } = exchange;
  if (fate.delayMs > 0 && !(await waited(fate.delayMs, api.closing.signal))) return;
  if (fate.kind === 'lostAnswer') return void response.socket?.resetAndDestroy();
  if (record !== undefined) record.status = answer.status;
  if (fate.kind === 'truncatedAnswer') return sendTruncated(response, answer);
  sendAnswer(response, answer);
};

/** False when the sandbox closed meanwhile. */
const waited = (ms: number, signal: AbortSignal): Promise<boolean> =>
  delay(ms, true, { signal }).catch(() => false);

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
  return endpoint.handle(exchange, workspace);
};

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

/** The request as a whole is of no use: 400, or whatever the body's size is answered with. */
const malformed = (workspace: Workspace, errors: readonly Problem[], status = 400): JsonAnswer => {
  workspace.reject(status, errors);
  return { status, body: { errors } };
};

type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly answer: JsonAnswer };

const readJson = ({ api, body }: Exchange, workspace: Workspace, maxBytes: number): ReadJson => {
  if (body.kind === 'too_large') {
    const message = `the request cannot be larger than ${maxBytes} bytes`;
    const answer = malformed(workspace, [{ reason: 'too_large', field: '', message }], api.oversizedStatus);
    return { ok: false, answer };
  }
  const json = body.kind === 'bytes' ? parseJson(body.bytes) : { ok: false as const };
  if (json.ok) return json;
  const message = body.kind === 'unreadable' ? body.message : 'the body is not valid JSON';
  return { ok: false, answer: malformed(workspace, [{ reason: 'invalid', field: '', message }]) };
};

const handleBatch = (exchange: Exchange, workspace: Workspace): JsonAnswer => {
  const json = readJson(exchange, workspace, MAX_BATCH_BYTES);
  if (!json.ok) return json.answer;
  const batch = isObject(json.value) ? json.value['batch'] : undefined;
  if (!Array.isArray(batch) || batch.length === 0) {
    const message = 'batch must be an array with at least one operation';
    return malformed(workspace, [{ reason: 'required', field: 'batch', message }]);
  }
  if (exchange.record !== undefined) exchange.record.operations = batch.length;
  const parsed = batch.map((candidate: unknown) => parseOperation(candidate, workspace));
  return applyBatch(exchange, workspace, batch, parsed);
};

const applyBatch = (
  { api }: Exchange,
  workspace: Workspace,
  batch: readonly unknown[],
  parsed: readonly ParseResult[],
): JsonAnswer => {
  const { strictBatch, errorsOnOk } = api.plan.faults;
  if (strictBatch && parsed.some(({ ok }) => !ok)) {
    return malformed(
      workspace,
      parsed.flatMap((item) => (item.ok ? [] : item.problems)),
    );
  }
  const status = errorsOnOk ? 200 : 207;
  const errors: object[] = [];
  for (const [index, item] of parsed.entries()) {
    if (item.ok) workspace.apply(item.operation);
    else {
      workspace.reject(status, item.problems, batch[index]);
      errors.push(...item.problems.map((problem) => ({ batch_index: index, ...problem })));
    }
  }
  return errors.length === 0 ? OK : { status, body: { errors } };
};

const handleEntity = (exchange: Exchange, workspace: Workspace): JsonAnswer => {
  const json = readJson(exchange, workspace, MAX_OPERATION_BYTES);
  if (!json.ok) return json.answer;
  if (exchange.record !== undefined) exchange.record.operations = 1;
  const parsed = parseOperation(json.value, workspace);
  if (parsed.ok) {
    workspace.apply(parsed.operation);
    return OK;
  }
  workspace.reject(400, parsed.problems, json.value);
  return { status: 400, body: { errors: parsed.problems } };
};

/** `data_center` is the name the field had before; clients of both kinds exist. */
const handleRegion = ({ api }: Exchange): JsonAnswer => ({
  status: 200,
  body: { url: api.url, region: 'us', data_center: 'us', environment_id: ENVIRONMENT_ID },
});

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/api/v2/batch', { method: 'POST', maxBytes: MAX_BATCH_BYTES, handle: handleBatch }],
  ['/api/v2/entity', { method: 'POST', maxBytes: MAX_OPERATION_BYTES, handle: handleEntity }],
  ['/api/v1/accounts/region', { method: 'GET', maxBytes: MAX_OPERATION_BYTES, handle: handleRegion }],
]);
