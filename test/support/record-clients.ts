// Records what real server SDKs send: each makes all its calls against a server on this machine, and every
// request is kept byte for byte in test/fixtures/requests. Run with `tsx test/support/record-clients.ts`
// when an SDK is added or updated.

import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Analytics as CustomerIoAnalytics } from '@customerio/cdp-analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics as SegmentAnalytics } from '@segment/analytics-node';
import LegacyAnalytics from 'analytics-node';
import type { RecordedRequest } from './recorded-request';

const WRITE_KEY = 'recorded-write-key';
const FOLDER = join(__dirname, '../fixtures/requests');

/** The calls every one of these SDKs has, with the arguments they agree on. */
interface Client {
  identify(call: object): unknown;
  track(call: object): unknown;
  page(call: object): unknown;
  screen(call: object): unknown;
  group(call: object): unknown;
  alias(call: object): unknown;
}

const makeAllCalls = (client: Client): void => {
  client.identify({ userId: 'user-1', traits: { email: 'ada@example.com', plan: 'pro', visits: 3 } });
  client.track({
    userId: 'user-1',
    event: 'Order Completed',
    properties: { total: 12.5, coupon: null, ordered: new Date(0) },
    context: { ip: '198.51.100.4' },
    integrations: { All: true, Mixpanel: false },
  });
  client.track({
    anonymousId: 'anonymous-1',
    event: 'Grüße 🎉',
    timestamp: new Date('2024-02-03T04:05:06.789Z'),
    messageId: 'my-own-message-id',
  });
  client.page({
    userId: 'user-1',
    category: 'Docs',
    name: 'Home',
    properties: { url: 'https://example.com/' },
  });
  client.screen({ anonymousId: 'anonymous-1', name: 'Main', properties: { variant: 1 } });
  client.group({ userId: 'user-1', groupId: 'group-1', traits: { name: 'Acme' } });
  client.alias({ userId: 'user-1', previousId: 'anonymous-1' });
};

type Run = (host: string) => Promise<unknown>;

const CLIENTS: Readonly<Record<string, Run>> = {
  'segment-analytics-node': async (host) => {
    const client = new SegmentAnalytics({ writeKey: WRITE_KEY, host });
    makeAllCalls(client as unknown as Client);
    await client.closeAndFlush();
  },
  'customerio-cdp-analytics-node': async (host) => {
    const client = new CustomerIoAnalytics({ writeKey: WRITE_KEY, host });
    makeAllCalls(client as unknown as Client);
    await client.closeAndFlush();
  },
  'rudderstack-rudder-sdk-node': async (dataPlaneUrl) => {
    const client = new RudderAnalytics(WRITE_KEY, { dataPlaneUrl });
    makeAllCalls(client as unknown as Client);
    await client.flush();
  },
  'rudderstack-rudder-sdk-node-without-gzip': async (dataPlaneUrl) => {
    const client = new RudderAnalytics(WRITE_KEY, { dataPlaneUrl, gzip: false });
    makeAllCalls(client as unknown as Client);
    await client.flush();
  },
  'analytics-node-6': async (host) => {
    const client = new LegacyAnalytics(WRITE_KEY, { host });
    makeAllCalls(client as unknown as Client);
    await client.flush();
  },
};

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

const record = async (name: string, run: Run): Promise<void> => {
  const requests: RecordedRequest[] = [];
  const server = await startRecorder(requests);
  await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  // Some SDKs resolve `flush` while a last batch is still on its way.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  server.closeAllConnections();
  server.close();
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(requests, null, 2)}\n`);
  console.log(`${name}: ${requests.length} request(s)`);
};

const main = async (): Promise<void> => {
  for (const [name, run] of Object.entries(CLIENTS)) await record(name, run);
  process.exit();
};

void main();
