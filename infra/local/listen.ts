// Servers of the local stack: on this machine alone, and gone at once when they are closed.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOST } from './addresses';

/** Resolves to the port; 0 picks a free one. Rejects when it is taken. */
export const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });

/** Cuts open connections. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
