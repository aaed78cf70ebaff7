// The endpoint over TLS, for SDKs that speak nothing else. API Gateway ends TLS before the function; so does this.

import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Certificate } from './certificate';
import { closeServer, listen } from './listen';

export interface TlsEndpoint {
  readonly port: number;
  /** Ends at once: open connections are cut. */
  close(): Promise<void>;
}

/** @param target base URL of the endpoint without TLS. @throws when the port is taken; 0 picks a free one. */
export const startTlsEndpoint = async (
  target: string,
  port: number,
  { key, cert }: Pick<Certificate, 'key' | 'cert'>,
): Promise<TlsEndpoint> => {
  const server = createServer({ key, cert }, (incoming, outgoing) =>
    forward(target, 'https', incoming, outgoing),
  );
  return { port: await listen(server, port), close: () => closeServer(server) };
};

/** As API Gateway does, it names the protocol by which the request came, and leaves the host as it was. */
export const forward = (
  target: string,
  protocol: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void => {
  const headers = { ...incoming.headers, 'x-forwarded-proto': protocol };
  const onward = request(target + incoming.url, { method: incoming.method ?? '', headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.once('error', () => outgoing.destroy());
  incoming.pipe(onward);
};
