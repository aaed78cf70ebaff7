// A search of the archive, a line of JSON for each thing that there is to say of it: how far it is, and then what was
// found. It ends as soon as nobody reads it any more.

import type { ServerResponse } from 'node:http';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { ConsoleBackend, TraceNews, TraceQuery } from '../contract';

type Trace = NonNullable<ConsoleBackend['trace']>;

export const streamTrace = async (
  trace: Trace,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> => {
  const leaving = new AbortController();
  response.on('close', () => leaving.abort());
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  const send = (news: TraceNews): void => void response.write(`${writeDeepJson(news)}\n`);
  try {
    const found = await trace.find(queryIn(query, trace), (progress) => send({ progress }), leaving.signal);
    send({ traced: found });
  } catch (error) {
    if (!leaving.signal.aborted) send({ problem: error instanceof Error ? error.message : String(error) });
  }
  response.end();
};

/** What the backend does not offer is what it has by default. */
const queryIn = (query: URLSearchParams, { since, limits }: Trace): TraceQuery => {
  const word = (name: string): string => query.get(name)?.trim() ?? '';
  return {
    wanted: word('wanted'),
    since: word('since') || since,
    until: word('until'),
    source: word('source'),
    limit: limits.find((limit) => limit === Number(query.get('limit'))) ?? limits[0] ?? 1,
    scans: query.get('scans') === 'true',
  };
};
