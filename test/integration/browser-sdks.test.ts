// Segment's analytics.js in a real browser, against `npm start`: pages of a shop on another origin, with the npm
// package or the classic snippet, delivering event by event or in batches, through what goes wrong on the way.

import { SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { BrowserContext, Page } from 'playwright-core';
import type { Activity } from '../../infra/local/sandbox/activity-log';
import { corsHeaders } from '../../lib/ingest/cors';
import { type Batching, type Build, type Shop, startShop } from '../support/analytics-page';
import { startBrowser, type TestBrowser } from '../support/browser';
import { documentedPolicy } from '../support/documented-policy';
import { type Gate, type Passage, startGate } from '../support/gate';
import { sqsClientFor, startFreshStack } from '../support/running-stack';
import { readActivities, resetSandbox } from '../support/sandbox-client';
import { until } from '../support/until';

/** So that whatever is under way when all has arrived would be seen as well. */
const QUIET_MS = 300;

let stack: Awaited<ReturnType<typeof startFreshStack>>;
let gate: Gate;
let shop: Shop;
let browser: TestBrowser;
let sqs: SQSClient;
let visitor: BrowserContext;
/** Every host that the visitor's pages asked for anything. */
let hosts: Set<string>;

beforeAll(async () => {
  [stack, shop, browser] = await Promise.all([startFreshStack(), startShop(), startBrowser()]);
  gate = await startGate(stack.url);
  sqs = sqsClientFor(stack.ports);
});

afterAll(async () => {
  sqs?.destroy();
  await Promise.all([browser?.close(), shop?.close(), gate?.close(), stack?.stop()]);
});

beforeEach(async () => {
  await resetSandbox(stack.sandboxUrl);
  gate.reset();
  visitor = await browser.newVisitor();
  hosts = new Set();
  visitor.on('request', (request) => hosts.add(new URL(request.url()).host));
});

afterEach(() => visitor.close());

/** What a page of the shop has once analytics.js is set up, by either build. */
interface Analytics {
  setAnonymousId(id: string): void;
  identify(userId: string, traits: object): void;
  track(event: string, properties: object): void;
  page(category: string, name: string, properties: object): void;
  screen(name: string, properties: object): void;
  group(groupId: string, traits: object): void;
  alias(userId: string, previousId: string): void;
  /** Calls back once analytics.js is loaded and set up. */
  ready(callback: (value: unknown) => void): void;
}

declare const window: { readonly analytics: Analytics };

const open = async (build: Build, endpoint: string, batching?: Batching): Promise<Page> => {
  const page = await visitor.newPage();
  await page.goto(shop.pageUrl({ build, endpoint, ...(batching && { batching }) }));
  return page;
};

const eventPosts = (): Passage[] =>
  gate.passages.filter(({ method, path }) => method === 'POST' && path.startsWith('/v1/'));

/** Waits for that many entries in the Activity Log, and for whatever else may come with them. */
const waitForArrivals = async (count: number): Promise<Activity[]> => {
  await until(async () => (await readActivities(stack.sandboxUrl)).length >= count);
  await settle();
  return readActivities(stack.sandboxUrl);
};

const settle = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

const makeAllCalls = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { analytics } = window;
    analytics.setAnonymousId('anonymous-1');
    analytics.track('Grüße 🎉', { variant: 1 });
    analytics.screen('Main', { variant: 2 });
    analytics.identify('user-1', { email: 'ada@example.com', plan: 'pro', visits: 3 });
    analytics.track('Order Completed', { total: 12.5, coupon: null, ordered: new Date(0) });
    analytics.page('Docs', 'Home', { section: 'lamps' });
    analytics.group('group-1', { name: 'Acme' });
    analytics.alias('user-1', 'user-0');
  });

const PERSON = { cio_id: expect.any(String), id: 'user-1', email: 'ada@example.com' };
const COMPANY = { object_type_id: '1', object_id: 'group-1', cio_object_id: expect.any(String) };
const TRAITS = { email: 'ada@example.com', plan: 'pro', visits: 3, anonymous_id: 'anonymous-1' };
const PAGE = { section: 'lamps', category: 'Docs', title: 'Shop', url: expect.stringContaining('http') };

const entry = (type: string, name: string, identifiers: object, attributes: object = {}) =>
  expect.objectContaining({ activity_type: type, activity_name: name, identifiers, attributes });

const EXPECTED = [
  entry('Person Created', '', PERSON),
  entry('Attribute Change', 'email, plan, visits, anonymous_id', PERSON, TRAITS),
  // What the visitor did before signing in is the person's as well.
  entry('event', 'Grüße 🎉', PERSON, { variant: 1 }),
  entry('event', 'Viewed Main Screen', PERSON, expect.objectContaining({ variant: 2 })),
  entry('event', 'Order Completed', PERSON, { total: 12.5, coupon: null, ordered: 0 }),
  entry('Page View', 'Home', PERSON, expect.objectContaining(PAGE)),
  entry('Object Created', '', COMPANY),
  entry('Object Attribute Change', 'name', COMPANY, { name: 'Acme' }),
  entry('Relationship Added', 'group-1', PERSON),
  // Customer.io knows no person with that id, so that there is nobody to merge.
  entry('Skipped Update', 'merge', expect.anything(), { secondary: { id: 'user-0' } }),
];

const DELIVERIES: readonly [name: string, batching: Batching | undefined][] = [
  ['event by event', undefined],
  ['in batches', { size: 10, timeout: 300 }],
];
const SETUPS: readonly [Build, protocol: 'http' | 'https'][] = [
  ['npm', 'http'],
  ['npm', 'https'],
  ['snippet', 'http'],
  ['snippet', 'https'],
];

const endpointOf = (protocol: 'http' | 'https'): string =>
  protocol === 'http' ? gate.httpUrl : gate.httpsUrl;

describe.each(SETUPS)('%s over %s', (build, protocol) => {
  it.each(DELIVERIES)('All seven calls arrive, and no other host is asked: %s', async (_, batching) => {
    const page = await open(build, endpointOf(protocol), batching);

    await makeAllCalls(page);

    const activities = await waitForArrivals(EXPECTED.length);
    expect(activities).toHaveLength(EXPECTED.length);
    expect(activities).toEqual(expect.arrayContaining(EXPECTED));
    expect([...hosts]).toEqual([new URL(page.url()).host, new URL(endpointOf(protocol)).host]);
  });
});

describe.each<Build>(['npm', 'snippet'])('%s under the content security policy of the docs', (build) => {
  it('All seven calls arrive, and nothing is forbidden', async () => {
    const forbidden: string[] = [];
    const page = await visitor.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') forbidden.push(message.text());
    });
    const documented = documentedPolicy('cloud', { relay: gate.httpsUrl });
    // Only the snippet takes its script from the relay.
    const policy = build === 'npm' ? documented.replace(` ${gate.httpsUrl};`, ';') : documented;
    await page.goto(shop.pageUrl({ build, endpoint: gate.httpsUrl, policy }));

    await makeAllCalls(page);

    expect(await waitForArrivals(EXPECTED.length)).toHaveLength(EXPECTED.length);
    expect(forbidden).toEqual([]);
  });
});

const openWhenReady = async (build: Build, batching?: Batching): Promise<Page> => {
  const page = await open(build, gate.httpsUrl, batching);
  await page.evaluate(() => new Promise((resolve) => window.analytics.ready(resolve)));
  return page;
};

/** As soon as the event is in the SDK's hands; it may not have been sent. */
const track = (page: Page, event: string): Promise<void> =>
  page.evaluate((name) => {
    window.analytics.track(name, { padding: 'x'.repeat(2_000) });
  }, event);

describe.each<Build>(['npm', 'snippet'])('%s', (build) => {
  it('Events that a closed page had not sent yet, in batches, arrive once', async () => {
    const page = await openWhenReady(build, { size: 100, timeout: 60_000 });
    await track(page, 'First');
    await track(page, 'Second');
    await settle();
    expect(eventPosts()).toEqual([]);

    await page.close();

    expect((await waitForArrivals(2)).map(({ activity_name: name }) => name).sort()).toEqual([
      'First',
      'Second',
    ]);
  });

  it('An event in flight when its page is closed arrives once, from the next page', async () => {
    const page = await openWhenReady(build);
    gate.answerNext('never');
    await track(page, 'In Flight');
    await until(() => gate.isHolding());

    await page.close();
    await open(build, gate.httpsUrl);

    expect(await waitForArrivals(1)).toMatchObject([{ activity_name: 'In Flight' }]);
  });

  it.each(DELIVERIES)('503, because the queue does not take it, is sent again: %s', async (_, batching) => {
    const page = await openWhenReady(build, batching);
    await limitMessages(1_024);

    await track(page, 'Refused At First');
    await until(() => eventPosts().some(({ status }) => status === 503));
    await limitMessages(1_048_576);

    expect(await waitForArrivals(1)).toMatchObject([{ activity_name: 'Refused At First' }]);
    expect(eventPosts().at(-1)).toMatchObject({ status: 200, retryCount: expect.stringMatching(/^[1-9]$/) });
  });

  it.each(DELIVERIES)('429 is waited for as long as its Retry-After says: %s', async (_, batching) => {
    const page = await openWhenReady(build, batching);
    gate.answerNext(TOO_MANY_REQUESTS);

    await track(page, 'Throttled At First');

    expect(await waitForArrivals(1)).toMatchObject([{ activity_name: 'Throttled At First' }]);
    const [refused, repeated] = eventPosts().slice(-2);
    expect([refused?.status, repeated?.status]).toEqual([429, 200]);
    expect((repeated?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(RETRY_AFTER_SECONDS * 1_000);
  });
});

const RETRY_AFTER_SECONDS = 2;
const TOO_MANY_REQUESTS = {
  status: 429,
  headers: { ...corsHeaders(undefined, ['*']), 'retry-after': `${RETRY_AFTER_SECONDS}` },
  body: '{"message":"Too Many Requests"}',
};

const limitMessages = (bytes: number) =>
  sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: stack.queueUrl('events'),
      Attributes: { MaximumMessageSize: `${bytes}` },
    }),
  );
