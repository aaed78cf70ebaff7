// The sandbox's own endpoints, under `/sandbox`: what it holds, and the faults it injects. They ask for no
// credentials, so the sandbox listens on this machine alone.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reporter } from '../reporting/reporter';
import type { Workspace } from '../workspace';
import { type Faults, parseFaults } from './faults';
import { type JsonAnswer, parseJson, receiveBody, sendAnswer } from './http';

export interface ControlApi {
  readonly url: string;
  /** By site id; the first is the one meant when a request names none. */
  readonly workspaces: ReadonlyMap<string, Workspace>;
  readonly plan: { readonly faults: Faults };
  /** Undefined when the sandbox was given no endpoint to report to. */
  readonly reporter: Reporter | undefined;
  setFaults(faults: Faults): void;
  reset(): void;
}

interface Query {
  readonly workspace: Workspace;
  /** Undefined: all. */
  readonly limit: number | undefined;
}

type Handler = (api: ControlApi, query: Query, body: Buffer) => JsonAnswer;

const MAX_BODY_BYTES = 64 * 1_024;

export const handleControlRequest = async (
  api: ControlApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await receiveBody(request, MAX_BODY_BYTES);
  const bytes = body.kind === 'bytes' ? body.bytes : Buffer.alloc(0);
  sendAnswer(response, answerTo(api, request, bytes));
};

const answerTo = (api: ControlApi, request: IncomingMessage, body: Buffer): JsonAnswer => {
  const { method = '', url = '' } = request;
  const { pathname, searchParams } = new URL(url, api.url);
  const handler = HANDLERS.get(`${method} ${pathname.replace(/\/$/, '')}`);
  if (handler === undefined) {
    return failure(404, `there is no ${method} ${pathname}; there are ${[...HANDLERS.keys()].join(', ')}`);
  }
  const query = readQuery(api, searchParams);
  return typeof query === 'string' ? failure(400, query) : handler(api, query, body);
};

/** A string says what is wrong with it. */
const readQuery = ({ workspaces }: ControlApi, params: URLSearchParams): Query | string => {
  const siteId = params.get('workspace');
  const workspace = siteId === null ? [...workspaces.values()][0] : workspaces.get(siteId);
  if (workspace === undefined) {
    return `workspace ${siteId} does not exist; there are ${[...workspaces.keys()].join(', ')}`;
  }
  const limit = params.get('limit');
  if (limit === null) return { workspace, limit: undefined };
  return /^\d+$/.test(limit)
    ? { workspace, limit: Number(limit) }
    : 'limit must be a whole number, 0 or more';
};

const failure = (status: number, error: string): JsonAnswer => ({ status, body: { error } });

const ok = (body: unknown): JsonAnswer => ({ status: 200, body });

const summary: Handler = (api, { workspace }) =>
  ok({
    url: api.url,
    workspace: workspace.settings.siteId,
    requests: workspace.requestCount,
    max_requests_per_second: workspace.arrivals.peak,
    operations: workspace.counts,
    people: workspace.people.known().length,
    objects: workspace.objects.all().length,
    events: workspace.eventIds.size,
    faults: api.plan.faults,
  });

const setFaults: Handler = (api, _query, body) => {
  const json = parseJson(body);
  if (!json.ok) return failure(400, 'the body is not valid JSON');
  const parsed = parseFaults(json.value);
  if (!parsed.ok) return failure(400, parsed.mistakes.join('; '));
  api.setFaults(parsed.faults);
  return ok({ faults: parsed.faults });
};

const emit: Handler = ({ reporter }, { workspace }, body) => {
  if (reporter === undefined) return failure(409, NO_REPORTER);
  const json = body.length === 0 ? { ok: true as const, value: {} } : parseJson(body);
  if (!json.ok) return failure(400, 'the body is not valid JSON');
  const emitted = reporter.emit(json.value, workspace.listPeople().at(-1)?.identifiers);
  return emitted.ok ? ok({ event_ids: emitted.eventIds }) : failure(400, emitted.mistakes.join('; '));
};

const NO_REPORTER = 'this sandbox was started without an endpoint for reporting webhooks';

const reset: Handler = (api) => {
  api.reset();
  return ok({});
};

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['GET /sandbox', summary],
  ['GET /sandbox/activity', (_, { workspace, limit }) => ok({ activities: workspace.activities(limit) })],
  [
    'GET /sandbox/people',
    (_, { workspace, limit }) =>
      ok({ people: workspace.listPeople(limit), suppressed: workspace.listSuppressed(limit) }),
  ],
  ['GET /sandbox/objects', (_, { workspace, limit }) => ok({ objects: workspace.listObjects(limit) })],
  ['GET /sandbox/rejections', (_, { workspace, limit }) => ok({ rejections: workspace.rejections(limit) })],
  ['GET /sandbox/faults', (api) => ok({ faults: api.plan.faults })],
  ['PUT /sandbox/faults', setFaults],
  ['POST /sandbox/emit', emit],
  ['GET /sandbox/webhooks', ({ reporter }, { limit }) => ok({ webhooks: reporter?.webhooks(limit) ?? [] })],
  ['POST /sandbox/reset', reset],
]);
