// The console over HTTP, in front of whatever else the server has: the page at the root, its files and its API under
// `/console`. It also keeps other pages from writing to what is behind it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { ConsoleBackend } from '../contract';
import { type ApiRequest, answerApi } from './console-api';
import { streamEvents } from './event-stream';
import { isJson, refusalOf } from './guard';
import { buildPageFiles, CONTENT_SECURITY_POLICY, type PageFiles } from './page-files';
import { streamTrace } from './trace-stream';

const API = '/console/api/';
const FILES = '/console/';
const MAX_BODY_BYTES = 1_048_576;
/** Paths behind the console that need no credentials, so that the Host and Origin are checked for them as well. */
const GUARDED = /^\/(console|sandbox)(\/|$)/;

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Answers false for what is not the console's, after which the request is still unread. */
export type ConsoleHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export const consoleHandler = (backend: ConsoleBackend): ConsoleHandler => {
  let files: Promise<PageFiles> | undefined;
  const page = (): Promise<PageFiles> => (files ??= buildPageFiles());
  return (request, response) => {
    const { pathname: path, searchParams: query } = urlOf(request);
    if (path !== '/' && !GUARDED.test(path)) return false;
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refuse(response, refusal);
    if (path.startsWith(API))
      void serveApi(backend, request, response, { path: path.slice(API.length), query });
    else if (path === '/' || path.startsWith(FILES)) void serveFile(page, path, response);
    else return false;
    return true;
  };
};

/** What names no path on this host is none of the console's. */
const urlOf = ({ url = '/' }: IncomingMessage): URL =>
  new URL(url.startsWith('/') ? `http://localhost${url}` : 'http://localhost/elsewhere');

const refuse = (response: ServerResponse, refusal: string): true => {
  sendJson(response, 403, { error: `refused: ${refusal}` });
  return true;
};

const serveApi = async (
  backend: ConsoleBackend,
  request: IncomingMessage,
  response: ServerResponse,
  { path, query }: Pick<ApiRequest, 'path' | 'query'>,
): Promise<void> => {
  const { method = '' } = request;
  if (`${method} ${path}` === 'GET events/stream') return streamEvents(backend, request, response);
  try {
    if (`${method} ${path}` === 'GET trace' && backend.trace !== undefined)
      return await streamTrace(backend.trace, query, response);
    const body = await readBody(request);
    if (body.problem !== undefined) return sendJson(response, 400, { error: body.problem });
    const answer = await answerApi(backend, method, { path, query, body: body.value });
    sendJson(response, answer.status, answer.body);
  } catch (error) {
    sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
  }
};

interface ReadBody {
  readonly value?: unknown;
  readonly problem?: string;
}

const readBody = async (request: IncomingMessage): Promise<ReadBody> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (bytes === 0) return {};
  if (bytes > MAX_BODY_BYTES) return { problem: `the body is over ${MAX_BODY_BYTES} bytes` };
  if (!isJson(request)) return { problem: 'the content-type must be application/json' };
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString()) };
  } catch {
    return { problem: 'the body is not JSON' };
  }
};

const serveFile = async (
  page: () => Promise<PageFiles>,
  path: string,
  response: ServerResponse,
): Promise<void> => {
  try {
    const file = (await page()).get(path === '/' ? 'index.html' : path.slice(FILES.length));
    if (file === undefined) return sendJson(response, 404, { error: `there is no ${path}` });
    response.writeHead(200, { ...HEADERS, 'content-type': file.type }).end(file.body);
  } catch (error) {
    sendJson(response, 500, { error: `the page could not be built: ${error}` });
  }
};

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  const headers = { ...HEADERS, 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, headers).end(writeDeepJson(body));
};
