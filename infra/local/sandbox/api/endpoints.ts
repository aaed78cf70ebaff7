// What each path of the Track API does: the two v2 endpoints, the older one for metrics, and the region. Statuses and
// bodies are those of the official description, and where it is silent what HTTP itself has for the case.

import { MAX_BATCH_BYTES, MAX_OPERATION_BYTES } from '../../../../lib/customerio/limits';
import { isObject } from '../../../../lib/json/json-object';
import { parseMetric } from '../parse/parse-metric';
import { type ParseResult, parseOperation } from '../parse/parse-operation';
import type { Problem } from '../parse/problems';
import type { Workspace } from '../workspace';
import type { Exchange } from './exchange';
import { type JsonAnswer, parseJson } from './http';

export interface Endpoint {
  readonly method: string;
  readonly maxBytes: number;
  /** Taken without credentials too, and then for the first workspace. */
  readonly isOpen?: true;
  readonly handle: (exchange: Exchange, workspace: Workspace) => JsonAnswer;
}

const OK: JsonAnswer = { status: 200, body: {} };

/** The request as a whole is of no use: 400, or whatever the body's size is answered with. */
const malformed = (
  workspace: Workspace,
  errors: readonly Problem[],
  status = 400,
  errorsBody = errorsOfV2,
): JsonAnswer => {
  workspace.reject(status, errors);
  return { status, body: errorsBody(errors) };
};

/** The body of a refusal, as each version of the API has it. */
type ErrorsBody = (errors: readonly Problem[]) => object;

const errorsOfV2: ErrorsBody = (errors) => ({ errors });

const errorsOfV1: ErrorsBody = (errors) => ({ meta: { errors: errors.map(({ message }) => message) } });

type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly answer: JsonAnswer };

const readJson = (
  { api, body }: Exchange,
  workspace: Workspace,
  maxBytes: number,
  errorsBody = errorsOfV2,
): ReadJson => {
  const refuse = (reason: Problem['reason'], message: string, status?: number): ReadJson => ({
    ok: false,
    answer: malformed(workspace, [{ reason, field: '', message }], status, errorsBody),
  });
  if (body.kind === 'too_large') {
    return refuse('too_large', `the request cannot be larger than ${maxBytes} bytes`, api.oversizedStatus);
  }
  const json = body.kind === 'bytes' ? parseJson(body.bytes) : { ok: false as const };
  if (json.ok) return json;
  return refuse('invalid', body.kind === 'unreadable' ? body.message : 'the body is not valid JSON');
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

/** One operation a request: nothing is left of it when it is refused. */
const handleOne =
  (parse: (body: unknown, workspace: Workspace) => ParseResult, errorsBody: ErrorsBody): Endpoint['handle'] =>
  (exchange, workspace) => {
    const json = readJson(exchange, workspace, MAX_OPERATION_BYTES, errorsBody);
    if (!json.ok) return json.answer;
    if (exchange.record !== undefined) exchange.record.operations = 1;
    const parsed = parse(json.value, workspace);
    if (parsed.ok) {
      workspace.apply(parsed.operation);
      return OK;
    }
    workspace.reject(400, parsed.problems, json.value);
    return { status: 400, body: errorsBody(parsed.problems) };
  };

/**
 * `data_center` is the name the field had before; clients of both kinds exist. `url` is the sandbox's own, where
 * Customer.io names the host of the region; the environments are numbered in the order of the workspaces.
 */
const handleRegion = ({ api }: Exchange, workspace: Workspace): JsonAnswer => {
  const { region = 'us' } = workspace.settings;
  const environmentId = [...api.byCredentials.values()].indexOf(workspace) + 1;
  return {
    status: 200,
    body: { url: api.url, region, data_center: region, environment_id: environmentId },
  };
};

export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/api/v2/batch', { method: 'POST', maxBytes: MAX_BATCH_BYTES, handle: handleBatch }],
  [
    '/api/v2/entity',
    { method: 'POST', maxBytes: MAX_OPERATION_BYTES, handle: handleOne(parseOperation, errorsOfV2) },
  ],
  // "It does not require authentication", says its page.
  [
    '/api/v1/metrics',
    {
      method: 'POST',
      maxBytes: MAX_OPERATION_BYTES,
      isOpen: true,
      handle: handleOne(parseMetric, errorsOfV1),
    },
  ],
  ['/api/v1/accounts/region', { method: 'GET', maxBytes: MAX_OPERATION_BYTES, handle: handleRegion }],
]);
