// The console as a server of its own, for what is no stack of this machine. It listens on loopback alone, and the
// address it answers holds a secret: without it nobody on this machine gets past, and no web page can guess it.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { HOST } from '../../local/addresses';
import { closeServer, listen } from '../../local/listen';
import type { ConsoleBackend } from '../contract';
import { consoleHandler } from './console-server';
import { refusalOf } from './guard';

export interface RunningConsole {
  /** With the token. */
  readonly url: string;
  close(): Promise<void>;
}

const TOKEN_BYTES = 24;

/** @param port 0 picks a free one. @throws when it is taken. */
export const startConsole = async (backend: ConsoleBackend, port: number): Promise<RunningConsole> => {
  const base = `/${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  const handle = consoleHandler(backend);
  const server = createServer((request, response) => {
    const path = pathBehind(base, request);
    if (path === undefined) return refuse(request, response);
    request.url = path;
    if (!handle(request, response)) refuse(request, response);
  });
  const listened = await listen(server, port);
  return { url: `http://${HOST}:${listened}${base}/`, close: () => closeServer(server) };
};

/** What the console sees as its own path; undefined without the token. */
const pathBehind = (base: string, { url = '' }: IncomingMessage): string | undefined => {
  const [given, expected] = [Buffer.from(url.slice(0, base.length)), Buffer.from(base)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const rest = url.slice(base.length);
  return rest.startsWith('/') ? rest : undefined;
};

const refuse = (request: IncomingMessage, response: ServerResponse): void => {
  const error =
    refusalOf(request) ?? 'nothing is here: open the whole address that was written, token included';
  response
    .writeHead(403, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify({ error }));
};
