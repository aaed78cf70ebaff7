// The JSON behind the page, under `/console/api`: a line for each request. What a backend cannot do has no handler,
// and is answered 404.

import { isObject } from '../../../lib/json/json-object';
import type { ConsoleBackend, Page, PageInfo, SendTo } from '../contract';

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ApiRequest {
  readonly path: string;
  /** Parsed; undefined where there was none. */
  readonly body: unknown;
}

type Handler = (
  backend: ConsoleBackend,
  request: ApiRequest,
) => Promise<ApiAnswer | undefined> | ApiAnswer | undefined;

const MAX_ACTIVITIES = 2_000;

export const pageInfo = (backend: ConsoleBackend): PageInfo => ({ ...backend.info, pages: pagesOf(backend) });

const pagesOf = (backend: ConsoleBackend): Page[] => {
  const { events, customerIo, send, deadLetters, faults, pipeline, reporting } = backend;
  const pages: [Page, unknown][] = [
    ['events', events],
    ['pipeline', pipeline],
    ['activity', customerIo],
    ['people', customerIo],
    ['objects', customerIo],
    ['dead-letters', deadLetters],
    ['try', send],
    ['faults', faults],
    ['reporting', reporting],
  ];
  return pages.flatMap(([page, capability]) => (capability === undefined ? [] : [page]));
};

export const answerApi = async (
  backend: ConsoleBackend,
  method: string,
  request: ApiRequest,
): Promise<ApiAnswer> => {
  const handler = HANDLERS.get(`${method} ${request.path.replace(/\/\d+$/, '/{number}')}`);
  return (await handler?.(backend, request)) ?? failure(404, `there is no ${method} ${request.path}`);
};

const ok = (body: unknown): ApiAnswer => ({ status: 200, body });
const failure = (status: number, error: string): ApiAnswer => ({ status, body: { error } });

const readDetail: Handler = ({ events }, { path }) => {
  const detail = events?.detail(Number(path.split('/').at(-1)));
  return detail === undefined ? failure(404, 'this event is not known, or no longer') : ok(detail);
};

const isDestination = (to: unknown): to is SendTo => to === 'http' || to === 'queue';

const sendEvent: Handler = async ({ send }, { body }) => {
  if (send === undefined) return failure(404, 'this backend sends nothing');
  const { to, body: event } = isObject(body) ? body : {};
  if (!isDestination(to) || typeof event !== 'string') {
    return failure(400, 'expected {"to": "http" or "queue", "body": "the JSON as text"}');
  }
  return ok(await send(to, event));
};

const listDeadLetters: Handler = async ({ deadLetters }) =>
  deadLetters && ok({ deadLetters: await deadLetters.list() });

const EXPECTED_ID = 'expected {"id": "of a dead letter"}';

const sendAgain: Handler = async ({ deadLetters }, { body }) => {
  const { id, body: event } = isObject(body) ? body : {};
  if (typeof id !== 'string') return failure(400, EXPECTED_ID);
  await deadLetters?.sendAgain(id, typeof event === 'string' ? event : undefined);
  return ok({});
};

const discard: Handler = async ({ deadLetters }, { body }) => {
  const { id } = isObject(body) ? body : {};
  if (typeof id !== 'string') return failure(400, EXPECTED_ID);
  await deadLetters?.discard(id);
  return ok({});
};

const setFaults: Handler = ({ faults }, { body }) => {
  const mistake = faults?.set(body);
  return mistake === undefined ? ok({ faults: faults?.get() }) : failure(400, mistake);
};

const MAX_REPORTS = 200;

const readReporting: Handler = ({ reporting }) =>
  reporting &&
  ok({
    webhooks: reporting.webhooks().slice(0, MAX_REPORTS),
    arrived: reporting.arrived().slice(0, MAX_REPORTS),
  });

const report: Handler = ({ reporting }, { body }) => {
  const mistake = reporting?.emit(body);
  return mistake === undefined ? ok({}) : failure(400, mistake);
};

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['GET info', (backend) => ok(pageInfo(backend))],
  ['GET events/{number}', readDetail],
  [
    'GET activity',
    ({ customerIo }) => customerIo && ok({ activities: customerIo.activities(MAX_ACTIVITIES) }),
  ],
  ['GET people', ({ customerIo }) => customerIo && ok({ people: customerIo.people() })],
  ['GET objects', ({ customerIo }) => customerIo && ok({ objects: customerIo.objects() })],
  ['GET dead-letters', listDeadLetters],
  ['POST dead-letters/send', sendAgain],
  ['POST dead-letters/discard', discard],
  ['POST send', sendEvent],
  ['GET pipeline', ({ pipeline }) => pipeline && ok(pipeline())],
  ['GET reporting', readReporting],
  ['POST reporting', report],
  ['GET faults', ({ faults }) => faults && ok({ faults: faults.get() })],
  ['PUT faults', setFaults],
]);
