// Records what real server SDKs send: each makes all its calls against a server on this machine, and every
// request is kept byte for byte in test/fixtures/requests. Run with `tsx test/support/record-clients.ts`
// when an SDK is added or updated.

import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type MakeAllCalls, NODE_CLIENTS } from './node-clients';
import type { RecordedRequest } from './recorded-request';

const WRITE_KEY = 'recorded-write-key';
const FOLDER = join(__dirname, '../fixtures/requests');

const startRecorder = async (requests: RecordedRequest[]): Promise<Server> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host: _, ...headers } = request.headers;
    requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: headers as Record<string, string>,
      bodyBase64: Buffer.concat(chunks).toString('base64'),
    });
    response.setHeader('content-type', 'application/json').end('{"success":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

const record = async (name: string, makeAllCalls: MakeAllCalls): Promise<void> => {
  const requests: RecordedRequest[] = [];
  const server = await startRecorder(requests);
  await makeAllCalls(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, WRITE_KEY);
  // Some SDKs say that all is sent while a last batch is on its way.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  server.closeAllConnections();
  server.close();
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(requests, null, 2)}\n`);
  console.log(`${name}: ${requests.length} request(s)`);
};

const main = async (): Promise<void> => {
  for (const [name, makeAllCalls] of Object.entries(NODE_CLIENTS)) await record(name, makeAllCalls);
  process.exit();
};

void main();
