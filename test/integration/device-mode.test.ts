// Device mode in a real browser, against `npm start`: analytics.js loads the relay's plugin, that loads the
// sandbox's stand-in of Customer.io's tracker, and whatever the page calls arrives once, by the one or the other.

import type { BrowserContext, Page } from 'playwright-core';
import type { Activity } from '../../infra/local/sandbox/activity-log';
import { type Build, type Shop, startShop } from '../support/analytics-page';
import { startBrowser, type TestBrowser } from '../support/browser';
import { documentedPolicy } from '../support/documented-policy';
import { type Gate, startGate } from '../support/gate';
import { startFreshStack } from '../support/running-stack';
import { readActivities, resetSandbox } from '../support/sandbox-client';
import { until } from '../support/until';

/** Longer than the consumer collects messages: what is delivered in vain would be seen as well. */
const QUIET_MS = 1_500;
const BUILDS: readonly Build[] = ['npm', 'snippet'];

let stack: Awaited<ReturnType<typeof startFreshStack>>;
let gate: Gate;
let shop: Shop;
let browser: TestBrowser;
let visitor: BrowserContext;
/** Scripts that the browser did not run as they are. */
let complaints: string[];

beforeAll(async () => {
  [stack, shop, browser] = await Promise.all([
    startFreshStack({ CONNECTION_MODE: 'device' }),
    startShop(),
    startBrowser(),
  ]);
  gate = await startGate(stack.url);
});

afterAll(async () => {
  await Promise.all([browser?.close(), shop?.close(), gate?.close(), stack?.stop()]);
});

beforeEach(async () => {
  await resetSandbox(stack.sandboxUrl);
  gate.reset();
  visitor = await browser.newVisitor();
  complaints = [];
  visitor.on('weberror', (error) => complaints.push(error.error().message));
});

afterEach(async () => {
  await visitor.close();
  expect(complaints).toEqual([]);
});

interface Analytics {
  identify(userId: string | object, traits?: object): void;
  track(event: string, properties?: object, options?: object): void;
  page(name: string, properties?: object): void;
  screen(name: string): void;
  group(groupId: string, traits: object): void;
  alias(userId: string, previousId: string): void;
  reset(): void;
}

declare const window: { readonly analytics: Analytics };
declare const localStorage: { removeItem(key: string): void };

const open = async (build: Build): Promise<Page> => {
  const page = await visitor.newPage();
  await page.goto(shop.pageUrl({ build, endpoint: gate.httpUrl }));
  return page;
};

const LAST = 'Shipped By A Server';

/**
 * Waits until the relay has that many events of the page, then sends one as a server does, and waits for that many
 * entries of the Activity Log and for whatever else may come. Oldest first, without the people themselves.
 */
const arrivalsAfter = async (posts: number, entries: number): Promise<Activity[]> => {
  await until(() => takenPosts() >= posts);
  await sendFromServer();
  await until(async () => {
    const arrivals = await readArrivals();
    return arrivals.length >= entries && arrivals.some(({ activity_name: name }) => name === LAST);
  });
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  return readArrivals();
};

const expectArrivals = async (posts: number, expected: readonly string[]): Promise<Activity[]> => {
  const activities = await arrivalsAfter(posts, expected.length);
  expect(summary(activities)).toEqual([...expected].sort());
  return activities;
};

const readArrivals = async (): Promise<Activity[]> => {
  const activities = await readActivities(stack.sandboxUrl);
  return activities.reverse().filter(({ activity_type: type }) => type !== 'Person Created');
};

const takenPosts = (): number =>
  gate.passages.filter(({ method, path, status }) => method === 'POST' && path !== '/v1/m' && status === 200)
    .length;

const sendFromServer = () =>
  fetch(`${stack.url}/v1/track`, {
    method: 'POST',
    body: JSON.stringify({ writeKey: 'local', userId: 'server-1', event: LAST }),
  });

/** How it came, and what it is called. */
const summary = (activities: readonly Activity[]): string[] =>
  activities
    .map(({ connection_mode: mode = 'cloud', activity_type: type, activity_name: name }) =>
      [mode, type, name].join(' | '),
    )
    .sort();

const BY_SERVER = `cloud | event | ${LAST}`;

describe.each(BUILDS)('%s', (build) => {
  it('What the tracker takes arrives once, by the tracker, with its person and attributes', async () => {
    const page = await open(build);

    await page.evaluate(() => {
      const { analytics } = window;
      analytics.identify('user-1', { email: 'ada@example.com', createdAt: '2024-05-06T07:08:09Z' });
      analytics.track('Order Completed', { total: 12.5, ordered: new Date(0) });
      analytics.page('Home', { section: 'lamps' });
      analytics.group('group-1', { name: 'Acme' });
    });

    const activities = await expectArrivals(4, [
      BY_SERVER,
      'device | Attribute Change | Group name, Group id',
      'device | Attribute Change | email, created_at, anonymous_id',
      'device | Page View | Home',
      'device | event | Order Completed',
    ]);
    const ofUser = activities.filter(({ identifiers }) => identifiers['id'] === 'user-1');
    expect(ofUser).toHaveLength(4);
    expect(ofUser.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([
        { email: 'ada@example.com', created_at: 1714979289, anonymous_id: expect.any(String) },
        { total: 12.5, ordered: 0 },
        expect.objectContaining({ section: 'lamps', title: 'Shop' }),
        { 'Group name': 'Acme', 'Group id': 'group-1' },
      ]),
    );
  });

  it('What it cannot take arrives once, by the relay', async () => {
    const page = await open(build);

    await page.evaluate(() => {
      const { analytics } = window;
      analytics.group('group-1', { name: 'Acme' });
      analytics.screen('Main');
      analytics.identify({ email: 'ada@example.com' });
      analytics.alias('user-1', 'user-0');
    });

    await expectArrivals(4, [
      'cloud | Attribute Change | email, anonymous_id',
      'cloud | Object Attribute Change | name',
      'cloud | Object Created | ',
      'cloud | Relationship Added | group-1',
      'cloud | Skipped Update | merge',
      BY_SERVER,
      'cloud | event | Viewed Main Screen',
    ]);
  });

  it.each<[string, (context: BrowserContext) => Promise<unknown>]>([
    ['blocked', (context) => context.route('**/assets/track.js', (route) => route.abort())],
    [
      'replaced by an empty script',
      (context) => context.route('**/assets/track.js', (route) => route.fulfill({ body: '' })),
    ],
    ['silent for too long', (context) => context.route('**/assets/track.js', () => {})],
  ])('With the tracker %s everything arrives once, by the relay', async (_, prepare) => {
    await prepare(visitor);
    const page = await open(build);

    await page.evaluate(() => {
      window.analytics.identify('user-1', { plan: 'pro' });
      window.analytics.track('Order Completed', { total: 12.5 });
    });

    await expectArrivals(2, [
      'cloud | Attribute Change | plan, anonymous_id',
      'cloud | event | Order Completed',
      BY_SERVER,
    ]);
  });

  it('The content security policy of the docs forbids nothing, and the tracker takes what it can', async () => {
    const page = await visitor.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    const policy = documentedPolicy('device', { relay: gate.httpUrl, customerIo: stack.sandboxUrl });
    await page.goto(shop.pageUrl({ build, endpoint: gate.httpUrl, policy }));

    await page.evaluate(() => {
      window.analytics.identify('user-1', { plan: 'pro' });
      window.analytics.track('Order Completed', { total: 12.5 });
    });

    await expectArrivals(2, [
      BY_SERVER,
      'device | Attribute Change | plan, anonymous_id',
      'device | event | Order Completed',
    ]);
  });

  it('An event that is not for Customer.io goes there by neither', async () => {
    const page = await open(build);

    await page.evaluate(() => {
      window.analytics.track('Private', {}, { integrations: { 'Customer.io': false } });
      window.analytics.track('Public');
    });

    await expectArrivals(2, [BY_SERVER, 'device | event | Public']);
  });

  it('An event in flight when its page is closed is not taken again on the next, tracker or none', async () => {
    const page = await open(build);
    gate.answerNext('never');
    await page.evaluate(() => {
      window.analytics.track('In Flight');
    });
    await until(() => gate.isHolding());
    await until(async () => (await readActivities(stack.sandboxUrl)).length > 0);

    await page.close();
    await visitor.route('**/assets/track.js', (route) => route.abort());
    await open(build);

    await expectArrivals(1, [BY_SERVER, 'device | event | In Flight']);
  });

  it('Who signs out is no longer the tracker’s person', async () => {
    const page = await open(build);
    await page.evaluate(() => {
      window.analytics.identify('user-1', { plan: 'pro' });
    });
    await until(async () => (await readArrivals()).length > 0);
    await page.evaluate(() => {
      window.analytics.track('Signed Out');
      window.analytics.reset();
      window.analytics.track('Looked Around');
    });

    const personOf = personsOf(await arrivalsAfter(3, 4));
    expect(personOf('Signed Out')).toMatchObject({ id: 'user-1' });
    expect(personOf('Looked Around')).toEqual({ anonymous_id: expect.any(String) });
  });

  it('Whom analytics.js remembers becomes the tracker’s person, who remembers nobody', async () => {
    const page = await open(build);
    await page.evaluate(() => {
      window.analytics.identify('user-1', { plan: 'pro' });
    });
    await until(() => takenPosts() > 0);
    await page.evaluate(() => localStorage.removeItem('cio-sandbox:id'));
    const nextPage = await open(build);
    await nextPage.evaluate(() => {
      window.analytics.track('Came Back');
    });

    const personOf = personsOf(await arrivalsAfter(2, 3));
    expect(personOf('Came Back')).toMatchObject({ id: 'user-1' });
  });
});

const personsOf = (activities: readonly Activity[]) => (event: string) =>
  activities.find(({ activity_name: name }) => name === event)?.identifiers;
