// The console in a real browser, against `npm start`: what comes to a door is seen with its fate, and what can be done
// from the page is done.

import { join } from 'node:path';
import { Analytics } from '@segment/analytics-node';
import type { BrowserContext, Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../support/browser';
import { GIVE_UP_MS, ROOT, startFreshStack } from '../support/running-stack';
import { readActivities, resetSandbox } from '../support/sandbox-client';

const AXE = join(ROOT, 'node_modules/axe-core/axe.min.js');
/** From leaving the SDK. */
const SEEN_WITHIN_MS = 2_000;

let stack: Awaited<ReturnType<typeof startFreshStack>>;
let browser: TestBrowser;
let visitor: BrowserContext;
let page: Page;
/** Every host that the page asked for anything. */
let hosts: Set<string>;
/** What the page complained of on its console. */
let complaints: string[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startFreshStack(), startBrowser()]);
}, GIVE_UP_MS);

afterAll(async () => {
  await Promise.all([browser?.close(), stack?.stop()]);
});

beforeEach(async () => {
  await resetSandbox(stack.sandboxUrl);
  await openAs('light');
});

afterEach(() => visitor.close());

const openAs = async (colorScheme: 'light' | 'dark'): Promise<void> => {
  visitor = await browser.newVisitor({
    colorScheme,
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
  });
  hosts = new Set();
  complaints = [];
  visitor.on('request', (request) => hosts.add(new URL(request.url()).host));
  page = await visitor.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(stack.sandboxUrl);
  await page.locator('.dot.is-on').waitFor();
};

const goTo = (hash: string): Promise<void> =>
  page.evaluate((next) => {
    location.hash = next;
  }, hash);

declare const location: { hash: string };

const post = (body: unknown, writeKey = 'local'): Promise<Response> =>
  fetch(`${stack.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** The row of the event with that word in it, once it has the fate. */
const row = (word: string, fate: string) => page.locator(`a.row.fate-${fate}`, { hasText: word }).first();

it('An SDK call appears with its fate within two seconds, and no other host is asked', async () => {
  const analytics = new Analytics({ writeKey: 'local', host: stack.url, flushAt: 1 });
  analytics.track({ userId: 'ada', event: 'Seen At Once' });
  await analytics.flush();

  await row('Seen At Once', 'queued')
    .or(row('Seen At Once', 'delivered'))
    .waitFor({ timeout: SEEN_WITHIN_MS });
  await row('Seen At Once', 'delivered').waitFor();
  expect([...hosts]).toEqual([new URL(stack.sandboxUrl).host]);
  expect(complaints).toEqual([]);
});

it('A wrong key appears as refused, with its code', async () => {
  await post({ type: 'track', userId: 'u1', event: 'Wrong Key' }, 'no-such-key');

  await expect(row('Wrong Key', 'refused').textContent()).resolves.toContain('invalid_write_key');
});

it('An event is found by its payload, and opens to its whole way without secrets', async () => {
  const sentAt = new Date(Date.now() + 42_000).toISOString();
  await post({
    batch: [{ type: 'track', userId: 'u1', event: 'Way', timestamp: sentAt, properties: { sku: 'q-77' } }],
    sentAt,
  });
  await row('Way', 'delivered').waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('Q-77 delivered');
  await row('Way', 'delivered').click();

  const panel = page.locator('.panel');
  await panel.getByText('Delivered to Customer.io').waitFor();
  const text = (await panel.textContent()) ?? '';
  expect(text).toContain('POST /v1/batch');
  expect(text).toMatch(/corrected by 4[12]\.\d+ s back/);
  expect(text).toContain('"action": "event"');
  expect(text).toContain('not shown: a secret');
  expect(text).not.toContain(btoa('local:'));
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});

it('Markup and right-to-left text in an event are shown as text', async () => {
  const markup = '<script>document.title="taken"</script><img src=x onerror=alert(1)>';
  await post({ type: 'track', userId: 'שלום <b>', event: markup });

  await row(markup, 'delivered').click();

  await expect(page.locator('.panel h2').textContent()).resolves.toContain(markup);
  await expect(page.title()).resolves.toBe('cio-relay');
  await expect(page.locator('main script, main img').count()).resolves.toBe(0);
});

it('A rejected event is opened, changed, sent again and delivered', async () => {
  await post({
    type: 'identify',
    userId: 'u-long',
    messageId: 'letter-1',
    traits: { bio: ['x'.repeat(1_200)] },
  });
  await row('u-long', 'dead_lettered').waitFor();

  await goTo('#/dead-letters');
  await page.locator('tr', { hasText: 'attributes.bio' }).locator('a').click();
  const editor = page.getByLabel('Event of the dead letter as JSON');
  await editor.fill('{"type":"identify","userId":"u-long","messageId":"letter-1","traits":{"bio":"short"}}');
  await page.locator('.panel .try-right', { hasText: '"bio": "short"' }).waitFor();
  await page.getByRole('button', { name: 'Send again, as changed' }).click();

  await row('u-long', 'delivered').waitFor();
  const people = await (await fetch(`${stack.sandboxUrl}/sandbox/people`)).json();
  expect(people).toMatchObject({ people: [{ identifiers: { id: 'u-long' }, attributes: { bio: 'short' } }] });
  const letters = await (await fetch(`${stack.sandboxUrl}/console/api/dead-letters`)).json();
  expect(JSON.stringify(letters)).not.toContain('letter-1');
});

it('In an outage events pile up, and afterwards all are delivered', async () => {
  await goTo('#/faults');
  await page.getByRole('button', { name: /^Outage/ }).click();
  await page.locator('button[aria-pressed=true]', { hasText: 'Outage' }).waitFor();
  const events = Array.from({ length: 20 }, (_, index) => ({
    type: 'track',
    userId: 'u1',
    event: `Out ${index}`,
  }));
  await post({ batch: events });
  await goTo('#/events?q=Out&fate=retried');
  await row('Out 19', 'retried').waitFor();

  await goTo('#/faults');
  await page.getByRole('button', { name: /^None/ }).click();
  await goTo('#/events?q=Out&fate=delivered');

  await page.locator('.bar .quiet', { hasText: '20 of' }).waitFor({ timeout: 90_000 });
  const arrived = (await readActivities(stack.sandboxUrl)).filter(
    ({ activity_type: type }) => type === 'event',
  );
  expect(new Set(arrived.map(({ activity_name: name }) => name)).size).toBe(20);
}, 120_000);

it('Try it shows the operation before anything is sent, and follows what is sent', async () => {
  await goTo('#/try');
  const editor = page.getByLabel('Event as JSON');
  const preview = page.getByLabel('What becomes of it');

  await editor.fill('{"type":"track","event":"Nobody"}');
  await preview.getByText('missing_identifier').waitFor();
  await editor.fill('{"type":"track","userId":"u1","event":"Tried","properties":{"at":"2026-01-01"}}');
  await preview.getByText('"at": 1767225600').first().waitFor();
  await page.getByLabel('convertTimestamps').selectOption('false');
  await preview.getByText('"at": "2026-01-01"').first().waitFor();
  await expect(readActivities(stack.sandboxUrl)).resolves.toEqual([]);
  await page.getByRole('button', { name: 'Send' }).click();

  await page.locator('.followed .fate-delivered').waitFor();
  await expect(readActivities(stack.sandboxUrl)).resolves.toEqual(
    expect.arrayContaining([
      expect.objectContaining({ activity_name: 'Tried', attributes: { at: 1767225600 } }),
    ]),
  );
});

it('Activity Log, People and Objects show what Customer.io has', async () => {
  await post({
    batch: [
      { type: 'identify', userId: 'ada', traits: { email: 'ada@example.com', plan: 'pro' } },
      { type: 'group', userId: 'ada', groupId: 'acme', traits: { seats: 12 } },
    ],
  });
  await goTo('#/activity');
  await page.locator('tr', { hasText: 'Relationship Added' }).waitFor();
  await goTo('#/people');
  await page.getByRole('link', { name: 'ada', exact: true }).click();
  await page.locator('.attributes li', { hasText: 'plan' }).locator('time').first().waitFor();
  await goTo('#/objects');
  await page.getByRole('link', { name: 'acme', exact: true }).click();
  await page.locator('.panel', { hasText: '"seats": 12' }).waitFor();
  expect(complaints).toEqual([]);
});

it('The pipeline says at a glance that it flows, and that Customer.io fails', async () => {
  await goTo('#/pipeline');
  await post({ type: 'track', userId: 'u1', event: 'Flows' });
  await page.locator('.verdict', { hasText: /Flowing.*; 0 messages/ }).waitFor({ timeout: 10_000 });
  await expect(page.locator('.plot canvas').count()).resolves.toBe(6);

  await fetch(`${stack.sandboxUrl}/sandbox/faults`, { method: 'PUT', body: '{"unavailable":true}' });
  await post({ type: 'track', userId: 'u1', event: 'Fails' });

  await page
    .locator('.verdict', { hasText: /does not take requests: [1-9] messages? on the queue/ })
    .waitFor({ timeout: 15_000 });
  await fetch(`${stack.sandboxUrl}/sandbox/faults`, { method: 'PUT', body: '{}' });
  expect(complaints).toEqual([]);
});

it('Message activity is reported, and arrives at Segment', async () => {
  await goTo('#/reporting');
  await page.getByLabel("Person's id").fill('u-reported');
  await page.getByRole('button', { name: 'Report' }).click();

  await page.locator('summary', { hasText: 'u-reported' }).waitFor();
  await page.getByRole('link', { name: 'its way' }).first().click();
  await page.locator('a.row.fate-delivered', { hasText: 'webhook' }).first().waitFor();
});

const PAGES = [
  'events',
  'pipeline',
  'dead-letters',
  'activity',
  'people',
  'objects',
  'try',
  'faults',
  'reporting',
];

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
declare const axe: { run(): Promise<{ violations: Finding[] }> };

/** What axe-core finds serious, as `rule: element`. */
const seriousFindings = async (): Promise<string[]> => {
  const violations = await page.evaluate(async () => (await axe.run()).violations);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

it.each(['light', 'dark'] as const)('axe-core finds nothing serious, %s', async (colorScheme) => {
  await post({
    batch: [
      { type: 'identify', userId: 'ada', traits: { plan: 'pro' } },
      { type: 'track', event: 'Axe' },
    ],
  });
  await visitor.close();
  await openAs(colorScheme);
  await row('Axe', 'dead_lettered').waitFor();
  // The policy of the page lets no script in but its own.
  const session = await visitor.newCDPSession(page);
  await session.send('Page.setBypassCSP', { enabled: true });
  await page.reload();
  await page.addScriptTag({ path: AXE });

  for (const name of PAGES) {
    await goTo(`#/${name}`);
    await page.locator('h1').waitFor();
    const first = page.locator('a.row, td a').first();
    if (await first.count()) await first.click();
    await page.waitForTimeout(300);
    expect(await seriousFindings()).toEqual([]);
  }
});

describe('Who may use it', () => {
  const ask = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(stack.sandboxUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"to":"queue","body":"{}"}',
    });

  it.each(['/console/api/send', '/sandbox/reset'])('Another page cannot write: %s', async (path) => {
    expect((await ask(path, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask(path, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('A form, which no browser asks about first, is not taken', async () => {
    expect((await ask('/console/api/send', { 'content-type': 'text/plain' })).status).toBe(400);
  });
});
