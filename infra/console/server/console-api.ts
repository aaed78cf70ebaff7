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
  readonly query: URLSearchParams;
  /** Parsed; undefined where there was none. */
  readonly body: unknown;
}

type Handler = (
  backend: ConsoleBackend,
  request: ApiRequest,
) => Promise<ApiAnswer | undefined> | ApiAnswer | undefined;

const MAX_ACTIVITIES = 2_000;

export const pageInfo = (backend: ConsoleBackend): PageInfo => {
  const { info, events, pipeline, deadLetters, send, customerIo, trace } = backend;
  const discardsTo = deadLetters?.write?.discardsTo;
  return {
    ...info,
    ...(events && { run: events.run }),
    pages: pagesOf(backend),
    canSend: send !== undefined,
    workspaces: customerIo?.workspaces() ?? [],
    ...(discardsTo !== undefined && { discardsTo }),
    ...(pipeline && { pipeline: { ranges: pipeline.ranges, ways: pipeline.ways } }),
    ...(trace && { trace: { since: trace.since, limits: trace.limits } }),
  };
};

/** The preview and the list of codes need no backend. */
const pagesOf = (backend: ConsoleBackend): Page[] => {
  const { events, customerIo, deadLetters, faults, pipeline, reporting, trace } = backend;
  const pages: [Page, unknown][] = [
    ['events', events],
    ['pipeline', pipeline],
    ['trace', trace],
    ['activity', customerIo],
    ['people', customerIo],
    ['objects', customerIo],
    ['dead-letters', deadLetters],
    ['try', true],
    ['faults', faults],
    ['reporting', reporting],
    ['codes', true],
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

const workspaceIn = (query: URLSearchParams): string => query.get('workspace') ?? '';

/** More than anybody reads; a search finds the others. */
const MAX_LISTED = 1_000;

/** Those with all words of the query, the first of them; and the one that is open, wherever it stands. */
const listed = (
  all: readonly unknown[],
  query: URLSearchParams,
): { readonly items: readonly unknown[]; readonly total: number } => {
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const open = query.get('open') ?? '';
  const hasAll = (item: unknown): boolean => {
    const text = JSON.stringify(item).toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = words.length === 0 ? all : all.filter(hasAll);
  const items = found.slice(0, MAX_LISTED);
  const isOpen = (item: unknown): boolean => JSON.stringify(item).includes(JSON.stringify(open));
  const opened = open === '' || items.some(isOpen) ? [] : all.filter(isOpen).slice(0, MAX_LISTED);
  return { items: [...items, ...opened], total: all.length };
};

const NO_EVENT = 'Only the newest are kept: search for its messageId, person or name.';
const OTHER_RUN =
  'is of another start of the stack, and each counts from 1. Search for its messageId, person or name: what the archive has of it is here under another number.';

const readDetail: Handler = ({ events }, { path, query }) => {
  const number = Number(path.split('/').at(-1));
  if (events === undefined) return undefined;
  if ((query.get('run') ?? events.run) !== events.run) return failure(404, `Event ${number} ${OTHER_RUN}`);
  const detail = events.detail(number);
  return detail === undefined ? failure(404, `There is no event ${number}. ${NO_EVENT}`) : ok(detail);
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

const searchEvents: Handler = async ({ events }, { query }) => {
  const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return events && ok({ numbers: words.length === 0 ? [] : await events.search(words) });
};

const readPipeline: Handler = async ({ pipeline }, { query }) => {
  if (pipeline === undefined) return undefined;
  const wanted = Number(query.get('seconds'));
  const seconds = pipeline.ranges.find((range) => range === wanted) ?? pipeline.ranges[0] ?? 0;
  return ok(await pipeline.read({ seconds, source: query.get('source') ?? '', way: query.get('way') ?? '' }));
};

const listDeadLetters: Handler = async ({ deadLetters }) => deadLetters && ok(await deadLetters.list());

const EXPECTED_IDS = 'expected {"ids": ["of a dead letter"]}';
const READ_ONLY = 'this console only reads: start it with --write';

const idsIn = (body: unknown): readonly string[] | undefined => {
  const ids = isObject(body) ? body['ids'] : undefined;
  if (!Array.isArray(ids) || ids.length === 0) return undefined;
  return ids.every((id): id is string => typeof id === 'string') ? ids : undefined;
};

const sendAgain: Handler = async ({ deadLetters }, { body }) => {
  if (deadLetters?.write === undefined) return failure(403, READ_ONLY);
  const ids = idsIn(body);
  if (ids === undefined) return failure(400, EXPECTED_IDS);
  const changed = isObject(body) && typeof body['body'] === 'string' ? body['body'] : undefined;
  if (changed !== undefined && ids.length > 1) return failure(400, 'a body is of one dead letter');
  if (changed !== undefined && !isJsonText(changed))
    return failure(400, 'what was written is no JSON: it would come back as it went');
  return ok(await deadLetters.write.sendAgain(ids, changed));
};

const isJsonText = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const discard: Handler = async ({ deadLetters }, { body }) => {
  if (deadLetters?.write === undefined) return failure(403, READ_ONLY);
  const ids = idsIn(body);
  return ids === undefined ? failure(400, EXPECTED_IDS) : ok(await deadLetters.write.discard(ids));
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
  ['GET events/search', searchEvents],
  ['GET events/{number}', readDetail],
  [
    'GET activity',
    ({ customerIo }, { query }) => {
      const found = customerIo?.activities(workspaceIn(query), MAX_ACTIVITIES);
      return found && ok({ activities: found.newest, total: found.total });
    },
  ],
  [
    'GET people',
    ({ customerIo }, { query }) => {
      const found = customerIo && listed(customerIo.people(workspaceIn(query)), query);
      return found && ok({ people: found.items, total: found.total });
    },
  ],
  [
    'GET history',
    ({ customerIo }, { query }) =>
      customerIo && ok({ changes: customerIo.history(workspaceIn(query), query.get('person') ?? '') }),
  ],
  [
    'GET objects',
    ({ customerIo }, { query }) => {
      const found = customerIo && listed(customerIo.objects(workspaceIn(query)), query);
      return found && ok({ objects: found.items, total: found.total });
    },
  ],
  ['GET dead-letters', listDeadLetters],
  ['POST dead-letters/send', sendAgain],
  ['POST dead-letters/discard', discard],
  ['POST send', sendEvent],
  ['GET pipeline', readPipeline],
  ['GET sources', async ({ sources }) => sources && ok({ sources: await sources() })],
  ['GET reporting', readReporting],
  ['POST reporting', report],
  ['GET faults', ({ faults }) => faults && ok({ faults: faults.get() })],
  ['PUT faults', setFaults],
]);
