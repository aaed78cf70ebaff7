// The real server SDKs for Node, each making the same seven calls. Used by the recorder of the fixtures, and by
// the tests that send to the local stack.

import { Analytics as CustomerIoAnalytics } from '@customerio/cdp-analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics as SegmentAnalytics } from '@segment/analytics-node';
import LegacyAnalytics from 'analytics-node';

/** The calls every one of these SDKs has, with the arguments they agree on. */
interface Client {
  identify(call: object): unknown;
  track(call: object): unknown;
  page(call: object): unknown;
  screen(call: object): unknown;
  group(call: object): unknown;
  alias(call: object): unknown;
}

/** Makes the calls that every SDK has, `track` for a person and for a visitor. */
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

/** Resolves when the SDK says that it has sent everything; some say so while a last batch is on its way. */
export type MakeAllCalls = (host: string, writeKey: string) => Promise<unknown>;

const rudder =
  (options: { readonly gzip?: boolean }): MakeAllCalls =>
  async (dataPlaneUrl, writeKey) => {
    const client = new RudderAnalytics(writeKey, { dataPlaneUrl, ...options });
    makeAllCalls(client as unknown as Client);
    await client.flush();
  };

export const NODE_CLIENTS: Readonly<Record<string, MakeAllCalls>> = {
  'segment-analytics-node': async (host, writeKey) => {
    const client = new SegmentAnalytics({ writeKey, host });
    makeAllCalls(client as unknown as Client);
    await client.closeAndFlush();
  },
  'customerio-cdp-analytics-node': async (host, writeKey) => {
    const client = new CustomerIoAnalytics({ writeKey, host });
    makeAllCalls(client as unknown as Client);
    await client.closeAndFlush();
  },
  'rudderstack-rudder-sdk-node': rudder({}),
  'rudderstack-rudder-sdk-node-without-gzip': rudder({ gzip: false }),
  'analytics-node-6': async (host, writeKey) => {
    const client = new LegacyAnalytics(writeKey, { host });
    makeAllCalls(client as unknown as Client);
    await client.flush();
  },
};
