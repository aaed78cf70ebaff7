// The browser SDKs of Customer.io and RudderStack, set up as docs/sdks.md says, in a real browser against `npm start`.

import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../support/browser';
import { startServer, type TestServer } from '../support/http-server';
import { ROOT, type RunningStack, startFreshStack } from '../support/running-stack';
import { readActivities, resetSandbox } from '../support/sandbox-client';
import { until } from '../support/until';

/** So that whatever is under way when all has arrived would be seen as well. */
const QUIET_MS = 300;
const SCRIPT_PATH = '/sdk.js';

let stack: RunningStack & { stop(): Promise<void> };
let browser: TestBrowser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startFreshStack(), startBrowser()]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), stack?.stop()]);
});

beforeEach(() => resetSandbox(stack.sandboxUrl));

/** The calls that these SDKs have in common. */
interface Analytics {
  identify(userId: string, traits: object): void;
  track(event: string, properties: object): void;
  page(category: string, name: string, properties: object): void;
  group(groupId: string, traits: object): void;
  alias(userId: string, previousId: string): void;
}

declare const window: { readonly analytics: Analytics };

/** A site with nothing but the SDK, loaded by these lines. `WRITE_KEY` and the host are the stack's. */
const startSite = async (setUp: string): Promise<TestServer> => {
  const { outputFiles } = await build({
    stdin: {
      contents: setUp.replaceAll('WRITE_KEY', 'local').replaceAll('https://relay.example.com', stack.url),
      resolveDir: ROOT,
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'error',
  });
  const script = outputFiles[0]?.contents ?? new Uint8Array();
  return startServer(({ url }, response) => {
    if (url === SCRIPT_PATH) response.setHeader('content-type', 'text/javascript').end(script);
    else
      response
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html><title>Shop</title><script src="${SCRIPT_PATH}"></script>`);
  });
};

const makeAllCalls = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { analytics } = window;
    analytics.track('Grüße 🎉', { variant: 1 });
    analytics.identify('user-1', { email: 'ada@example.com', plan: 'pro', visits: 3 });
    analytics.track('Order Completed', { total: 12.5 });
    analytics.page('Docs', 'Home', { section: 'lamps' });
    analytics.group('group-1', { name: 'Acme' });
    analytics.alias('user-1', 'user-0');
  });

const PERSON = { cio_id: expect.any(String), id: 'user-1', email: 'ada@example.com' };
const COMPANY = { object_type_id: '1', object_id: 'group-1', cio_object_id: expect.any(String) };
const TRAITS = { email: 'ada@example.com', plan: 'pro', visits: 3 };

const entry = (type: string, name: unknown, identifiers: object, attributes: object = {}) =>
  expect.objectContaining({
    activity_type: type,
    activity_name: name,
    identifiers,
    attributes: expect.objectContaining(attributes),
  });

const EXPECTED = [
  entry('Person Created', '', PERSON),
  entry('Attribute Change', expect.stringContaining('email, plan, visits'), PERSON, TRAITS),
  // What the visitor did before signing in is the person's as well.
  entry('event', 'Grüße 🎉', PERSON, { variant: 1 }),
  entry('event', 'Order Completed', PERSON, { total: 12.5 }),
  entry('Page View', 'Home', PERSON, { section: 'lamps', category: 'Docs' }),
  entry('Object Created', '', COMPANY),
  entry('Object Attribute Change', 'name', COMPANY, { name: 'Acme' }),
  entry('Relationship Added', 'group-1', PERSON),
  // Customer.io knows no person with that id, so that there is nobody to merge.
  entry('Skipped Update', 'merge', expect.anything(), { secondary: { id: 'user-0' } }),
];

it.each([
  [
    '@customerio/cdp-analytics-browser',
    `import { AnalyticsBrowser } from '@customerio/cdp-analytics-browser';
    window.analytics = AnalyticsBrowser.load({ writeKey: 'WRITE_KEY', cdnURL: 'https://relay.example.com' });`,
  ],
  [
    '@rudderstack/analytics-js',
    `import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';
    window.analytics = new RudderAnalytics();
    window.analytics.load('WRITE_KEY', 'https://relay.example.com', { configUrl: 'https://relay.example.com' });`,
  ],
])('All calls of %s arrive, and no other host is asked', async (_, setUp) => {
  const site = await startSite(setUp);
  const visitor = await browser.newVisitor();
  const hosts = new Set<string>();
  visitor.on('request', (request) => hosts.add(new URL(request.url()).host));
  const page = await visitor.newPage();
  await page.goto(site.url);

  await makeAllCalls(page);

  await until(async () => (await readActivities(stack.sandboxUrl)).length >= EXPECTED.length);
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const activities = await readActivities(stack.sandboxUrl);
  expect(activities).toHaveLength(EXPECTED.length);
  expect(activities).toEqual(expect.arrayContaining(EXPECTED));
  expect([...hosts]).toEqual([new URL(site.url).host, new URL(stack.url).host]);
  await visitor.close();
  await site.close();
});
