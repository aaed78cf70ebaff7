// The console in a real browser, against `npm start`: what comes to a door is seen with its fate, and what can be done
// from the page is done.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Analytics } from '@segment/analytics-node';
import type { BrowserContext, Page } from 'playwright-core';
import type { DeadLetter } from '../../infra/console/contract';
import { type Ports, sandboxUrl, segmentUrl } from '../../infra/local/addresses';
import { startBrowser, type TestBrowser } from '../support/browser';
import { onFreePorts, ROOT, type RunningStack, startRunningStack } from '../support/running-stack';
import { readActivities } from '../support/sandbox-client';

const AXE = join(ROOT, 'node_modules/axe-core/axe.min.js');
/** From leaving the SDK. */
const SEEN_WITHIN_MS = 2_000;

let stack: RunningStack;
let browser: TestBrowser;
let visitor: BrowserContext;
let page: Page;
let folder: string;
/** Every host that the page asked for anything. */
const hosts = new Set<string>();
/** What the page complained of on its console. */
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cio-relay-console-'));
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  await openPage();
});

afterAll(async () => {
  await Promise.all([browser?.close(), stack?.end('SIGTERM')]);
  await rm(folder, { recursive: true, force: true });
});

/** One stack and one page for all tests: each looks for events of its own. */
const startStack = async (): Promise<RunningStack> => {
  const opener = await fakeOpener();
  return onFreePorts((ports) =>
    startRunningStack(ports, join(folder, 'data'), { ...settingsFor(ports), ...opener }, ['--open']),
  );
};

const settingsFor = (ports: Ports) => {
  const source = { siteId: 'local', apiKey: 'local', trackUrl: sandboxUrl(ports) };
  const sources = [
    {
      ...source,
      name: 'local',
      writeKey: 'local',
      webhookSigningKeys: ['local'],
      segmentWriteKey: 'local',
      segmentUrl: segmentUrl(ports),
      rules: [{ name: 'no robots', exclude: { event: 'Robot *' } }],
      oversizedAttributes: 'send',
    },
    { ...source, name: 'app', writeKey: 'app', siteId: 'app-site' },
  ];
  return { SOURCES: JSON.stringify(sources) };
};

/** Writes what it is told to open into a file. */
const fakeOpener = async (): Promise<Record<string, string>> => {
  for (const name of ['xdg-open', 'open'])
    await writeFile(join(folder, name), `#!/bin/sh\necho "$1" > "${folder}/opened"\n`, { mode: 0o755 });
  return { PATH: `${folder}:${process.env['PATH']}` };
};

const openPage = async (): Promise<void> => {
  visitor = await browser.newVisitor({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
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
declare const document: { body: { textContent: string }; dispatchEvent(event: Event): void };

beforeEach(() => goTo('#/events'));

const ask = async (path: string): Promise<string> => (await fetch(`${stack.sandboxUrl}/${path}`)).text();

const post = (body: unknown, writeKey = 'local'): Promise<Response> =>
  fetch(`${stack.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** The row of the event with that word in it, once it has the fate. */
const row = (word: string, fate: string) => page.locator(`a.row.fate-${fate}`, { hasText: word }).first();

it('A copied command reaches this stack, whose ports are not the default ones', async () => {
  const { environment } = JSON.parse(await ask('console/api/info')) as { environment: string };

  expect(environment.split(' ')).toEqual(
    Object.entries(stack.ports).map(([name, port]) => `${name}=${port}`),
  );
  await goTo('#/codes');
  await page
    .locator('code', { hasText: `${environment} npx relay doctor` })
    .first()
    .waitFor();
});

it('An SDK call appears with its fate within two seconds, and no other host is asked', async () => {
  const analytics = new Analytics({ writeKey: 'local', host: stack.url, flushAt: 1 });
  const seenAfterMs = async (event: string): Promise<number> => {
    analytics.track({ userId: 'ada', event });
    await analytics.flush();
    const sentAtMs = Date.now();
    await row(event, 'queued').or(row(event, 'delivered')).waitFor();
    return Date.now() - sentAtMs;
  };

  // The fastest of three: what else runs on the machine is not what is measured.
  const times = [await seenAfterMs('Seen 1'), await seenAfterMs('Seen 2'), await seenAfterMs('Seen 3')];
  expect(Math.min(...times)).toBeLessThan(SEEN_WITHIN_MS);
  await row('Seen 3', 'delivered').waitFor();
});

it('`npm start -- --open` has opened the console in the browser of the machine', async () => {
  expect((await readFile(join(folder, 'opened'), 'utf8')).trim()).toBe(stack.sandboxUrl);
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
  expect(await panel.locator('summary', { hasText: 'The whole answer' }).count()).toBe(2);
  const text = (await panel.textContent()) ?? '';
  expect(text).toContain('POST /v1/batch');
  expect(text).toMatch(/corrected by 4[12]\.\d+ s back/);
  expect(text).toContain('"action": "event"');
  expect(text).toContain('not shown: a secret');
  expect(text).not.toContain(btoa('local:'));
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});

it('A word far down in a long event is found, and with a source and a fate only theirs', async () => {
  const long = (name: string, at: string) => ({
    type: 'track',
    userId: 'u1',
    event: name,
    properties: { padding: 'y'.repeat(3_000), at },
  });
  await post(long('Long One', 'far-down-77'));
  await post(long('Long Two', 'elsewhere'));
  await post({ type: 'track', userId: 'u1', event: 'Of The App' }, 'app');
  await row('Long Two', 'delivered').waitFor();

  await page.getByLabel('Search events').fill('Far-Down-77 track');
  await page.locator('.bar .quiet', { hasText: /^1 of/ }).waitFor();
  await row('Long One', 'delivered').waitFor();

  await page.getByLabel('Search events').fill('');
  await page.getByLabel('Source').selectOption('app');
  await row('Of The App', 'delivered').waitFor();
  expect(await page.locator('a.row', { hasText: 'Long' }).count()).toBe(0);
});

it('A refused event leads to what its code means and what to do', async () => {
  await post({ type: 'track', userId: 'u1', event: 'Explained' }, 'no-such-key');
  await row('Explained', 'refused').click();

  await page.locator('.panel .meaning', { hasText: 'Compare the write key' }).waitFor();
  await page.locator('.panel a.code').click();

  await page.locator('tr.is-selected', { hasText: 'invalid_write_key' }).waitFor();
});

it('An event by pixel has its way too, and a key that came in the query is told and not shown', async () => {
  const pixel = (key: string, event: string): Promise<Response> => {
    const data = btoa(JSON.stringify({ writeKey: key, userId: 'u1', event }));
    return fetch(`${stack.url}/v1/pixel/track?${new URLSearchParams({ data })}`);
  };
  await pixel('local', 'Mail Opened');
  await pixel('no-such-key', 'Mail Lost');
  await fetch(`${stack.url}/v1/track?writeKey=local`, {
    method: 'POST',
    body: '{"userId":"u1","event":"Key In Query"}',
  });

  await row('Mail Lost', 'refused').waitFor();
  await row('Mail Opened', 'delivered').click();
  await page.locator('.panel', { hasText: 'GET /v1/pixel/track' }).waitFor();
  await row('Key In Query', 'delivered').click();
  const request = page.locator('.panel details', { hasText: 'Headers and answer' });
  await request.locator('summary').click();
  await request.getByText('Write key from the query.').waitFor();
  await expect(page.locator('.panel').textContent()).resolves.toContain('POST /v1/track?writeKey=…');
});

it('Markup and right-to-left text in an event are shown as text', async () => {
  const markup = '<script>document.title="taken"</script><img src=x onerror=alert(1)>';
  await post({ type: 'track', userId: 'שלום <b>', event: markup });

  await row(markup, 'delivered').click();

  await expect(page.locator('.panel h2').textContent()).resolves.toContain(markup);
  await expect(page.title()).resolves.toBe('Events · cio-relay: This machine');
  await expect(page.locator('main script, main img').count()).resolves.toBe(0);
});

it('What turns text around, or is not seen, is written out wherever it is shown', async () => {
  const event = 'photo\u202egnp.exe';
  await post({ type: 'track', userId: 'ad\u200bmin', event, properties: { 'na\u2066me': '\ufeffx' } });

  await row('photo\\u202egnp.exe', 'delivered').waitFor();
  await row('ad\\u200bmin', 'delivered').click();
  const text = (await page.locator('.panel', { hasText: 'Delivered to' }).textContent()) ?? '';
  expect(text).toContain('"photo\\u202egnp.exe"');
  expect(text).toContain('"na\\u2066me": "\\ufeffx"');
  await page.getByRole('link', { name: 'Open in Try it' }).click();
  await page.locator('.try-right', { hasText: 'photo\\u202egnp.exe' }).waitFor();
  expect(await page.getByLabel('Event as JSON').inputValue()).toContain('ad\\u200bmin');
  await goTo('#/people');
  await page.getByRole('link', { name: 'ad\\u200bmin' }).click();
  await page.locator('.panel h2', { hasText: 'ad\\u200bmin' }).waitFor();
  expect(
    await page.evaluate(() => /[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent)),
  ).toBe(false);
});

it('An event that nests deeper than the stack is taken, and its way is shown', async () => {
  const nested = `${'['.repeat(14_000)}${']'.repeat(14_000)}`;
  const response = await fetch(`${stack.url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('local:')}` },
    body: `{"userId":"u1","event":"Bottomless","properties":{"a":${nested}}}`,
  });
  expect(response.status).toBe(200);
  await post({ type: 'track', userId: 'u1', event: 'After The Bottomless' });

  await row('After The Bottomless', 'delivered').waitFor();
  await row('Bottomless', 'dead_lettered').last().click();
  await page.locator('.panel .json', { hasText: '[[[[[[[[' }).first().waitFor();
  await page.getByRole('link', { name: 'Open in Try it' }).click();
  await page.locator('.try-right', { hasText: 'nested too deeply' }).waitFor();
});

it('A body that is no JSON opens with the request that it came in', async () => {
  await fetch(`${stack.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('local:')}`, 'user-agent': 'broken-sdk' },
    body: 'user=u1&event=Broken+Body',
  });

  await page.getByLabel('Search events').fill('Broken+Body');
  await row('invalid_json', 'dead_lettered').click();

  const panel = page.locator('.panel', { hasText: 'POST /v1/batch' });
  await panel.getByText('user=u1&event=Broken+Body').first().waitFor();
  const text = (await panel.textContent()) ?? '';
  expect(text).toContain('broken-sdk');
  expect(text).toContain('answered 400');
  expect(text).not.toContain(btoa('local:'));
});

it.each([
  ['#/events/abc', 'The address of an event has the start of the stack'],
  ['#/events/1', 'The address of an event has the start of the stack'],
  ['#/events/earlier-1', 'Event 1 is of another start of the stack, and each counts from 1. Search for'],
  ['#/events/{run}-999999', 'There is no event 999999. Only the newest are kept'],
  ['#/people/nobody-at-all', 'Customer.io knows nobody by that name'],
  ['#/objects/%', 'Customer.io has no such object'],
  ['#/activity/999999', 'The lines are numbered'],
  ['#/dead-letters/none', 'No dead letter is left in it'],
  ['#/codes/none', 'There is no code “none”'],
  ['#/try?event=1', '“1” names no event'],
  ['#/try?event=earlier-1', 'Event 1 is of another start of the stack'],
  ['#/try?event={run}-999999', 'There is no event 999999'],
  ['#/nowhere', 'There is no page “nowhere” here'],
  ['#/%E0%A4%A', 'There is no page “%E0%A4%A” here'],
])('What the address names and nobody has is told, with what to do: %s', async (hash, words) => {
  const own = await visitor.newPage();
  const { run } = JSON.parse(await ask('console/api/info'));
  await own.goto(stack.sandboxUrl + hash.replace('{run}', run));

  await own.locator('#app', { hasText: words }).waitFor();
  await own.close();
});

it('A time is in the zone of whoever reads it, which is named, and in UTC when one points at it', async () => {
  const inTokyo = await browser.newVisitor({ locale: 'en-US', timezoneId: 'Asia/Tokyo' });
  const own = await inTokyo.newPage();
  await own.goto(`${stack.sandboxUrl}#/activity`);
  const time = own.locator('td time').first();
  await time.waitFor();

  expect(await time.textContent()).toMatch(/^\w{3} \d+, \d{4}, \d\d:\d\d:\d\d GMT\+9$/);
  const inUtc = (await time.getAttribute('title')) ?? '';
  expect(inUtc).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
  expect(Date.parse((await time.textContent()) ?? '')).toBe(Date.parse(inUtc));
  await inTokyo.close();
});

it('In a browser whose language Intl does not take, every page is there', async () => {
  const other = await browser.newVisitor({ viewport: { width: 1280, height: 800 } });
  const own = await other.newPage();
  await own.addInitScript(
    "Object.defineProperty(navigator, 'language', { value: 'en-US@posix', configurable: true })",
  );
  await own.goto(`${stack.sandboxUrl}#/pipeline`);

  await own.locator('.plot canvas').nth(5).waitFor();
  await other.close();
});

it('A page that fails says so, and the others are there', async () => {
  const own = await visitor.newPage();
  await own.route('**/console/api/people*', (route) => route.fulfill({ json: { people: [null], total: 1 } }));
  await own.goto(`${stack.sandboxUrl}#/people`);

  await own.locator('[role=alert]', { hasText: 'The page “People” cannot be shown here.' }).waitFor();
  await own.getByRole('link', { name: 'Objects' }).click();
  await own.locator('h1', { hasText: 'Objects' }).waitFor();
  await own.close();
});

it('A page that is opened before the console answers is there once it does', async () => {
  const own = await visitor.newPage();
  await own.route('**/console/api/info', (route) => route.abort());
  await own.goto(stack.sandboxUrl);

  await own.locator('[role=alert]', { hasText: 'The console does not answer' }).waitFor();
  await own.unroute('**/console/api/info');
  await own.locator('h1', { hasText: 'Events' }).waitFor();
  await own.close();
});

it('A rejected event is opened, changed, sent again and delivered', async () => {
  await post({
    type: 'identify',
    userId: 'u-long',
    messageId: 'letter-1',
    traits: { bio: 'x'.repeat(1_200) },
  });
  await row('u-long', 'dead_lettered').waitFor();

  await goTo('#/dead-letters');
  await page.locator('tr', { hasText: 'attributes.bio' }).locator('a').click();
  const editor = page.getByLabel('Event of the dead letter as JSON');
  await editor.fill('{"type":"identify","userId":"u-long","messageId":"letter-1","traits":{"bio":"short"}}');
  await page.locator('.panel .try-right', { hasText: '"bio": "short"' }).waitFor();
  await page.getByRole('button', { name: 'Send again, as changed' }).click();

  await row('u-long', 'delivered').waitFor();
  const { people } = JSON.parse(await ask('sandbox/people'));
  expect(people).toContainEqual(
    expect.objectContaining({
      identifiers: expect.objectContaining({ id: 'u-long' }),
      attributes: { bio: 'short' },
    }),
  );
  expect(await ask('console/api/dead-letters')).not.toContain('letter-1');
});

it('A letter that is taken while it is open is said to be gone, and no other takes its place', async () => {
  const bio = 'x'.repeat(1_200);
  await post({
    batch: ['taken-1', 'taken-2'].map((id) => ({
      type: 'identify',
      userId: id,
      messageId: id,
      traits: { bio },
    })),
  });
  await row('taken-2', 'dead_lettered').waitFor();
  await goTo('#/dead-letters');
  await page.locator('tr', { hasText: 'attributes.bio' }).locator('a').click();
  const editor = page.getByLabel('Event of the dead letter as JSON');
  const opened = JSON.parse(await editor.inputValue()).messageId as string;
  await editor.fill(`{"type":"identify","userId":"${opened}","traits":{"typed":true}}`);

  const { letters } = JSON.parse(await ask('console/api/dead-letters')) as { letters: DeadLetter[] };
  const idsOf = (messageId: string) =>
    letters.filter((one) => one.messageId === messageId).map(({ id }) => id);
  await discardElsewhere(idsOf(opened));
  await page.locator('.panel', { hasText: 'The letter that was open is gone' }).waitFor();
  expect(await editor.count()).toBe(0);
  await page.getByRole('button', { name: 'Open the first of 1' }).click();

  const other = opened === 'taken-1' ? 'taken-2' : 'taken-1';
  expect(JSON.parse(await editor.inputValue())).toMatchObject({ messageId: other });
  await discardElsewhere(idsOf(other));
});

const discardElsewhere = (ids: readonly string[]): Promise<Response> =>
  fetch(`${stack.sandboxUrl}/console/api/dead-letters/discard`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ids }),
  });

it('A group of dead letters is exported, and discarded into a file once it is typed', async () => {
  await post({
    batch: [
      { type: 'identify', userId: 'nil', traits: { plan: 'one' } },
      { type: 'identify', userId: 'nil', traits: { plan: 'two' } },
    ],
  });
  await row('nil', 'dead_lettered').nth(0).waitFor();
  await goTo('#/dead-letters');
  await page.locator('tr', { hasText: 'illegal_identifier' }).locator('a').click();

  const download = page.waitForEvent('download');
  await page.locator('.panel').getByRole('button', { name: 'Export' }).click();
  const exported = await readFile(await (await download).path(), 'utf8');
  expect(exported.trim().split('\n')).toHaveLength(2);
  expect(JSON.parse(exported.split('\n')[0] ?? '')).toMatchObject({ reason: 'illegal_identifier' });

  await page.getByRole('button', { name: 'Discard all …' }).click();
  await page.getByLabel('Type discard 2').fill('discard 2');
  await page.getByRole('button', { name: 'Discard 2 events' }).click();
  await page.locator('output', { hasText: '2 events discarded. Kept in' }).waitFor();
  expect(await ask('console/api/dead-letters')).not.toContain('"plan"');
  const file = (await readdir(join(folder, 'data/discarded'))).sort().at(-1) ?? '';
  expect(await readFile(join(folder, 'data/discarded', file), 'utf8')).toBe(exported);
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
  await row('Out 19', 'retried')
    .filter({ hasText: /again at \d/ })
    .waitFor();

  await goTo('#/faults');
  await page.getByRole('button', { name: /^None/ }).click();
  await goTo('#/events?q=Out&fate=delivered');

  await page.locator('.bar .quiet', { hasText: '20 of' }).waitFor({ timeout: 90_000 });
  const arrived = (await readActivities(stack.sandboxUrl)).filter(({ activity_name: name }) =>
    /^Out \d+$/.test(name),
  );
  expect(new Set(arrived.map(({ activity_name: name }) => name)).size).toBe(20);
  expect(arrived).toHaveLength(20);
}, 120_000);

it('A connection that is reset is a step of the event, with its cause, and it is delivered once that is over', async () => {
  const setFaults = (faults: object): Promise<Response> =>
    fetch(`${stack.sandboxUrl}/sandbox/faults`, { method: 'PUT', body: JSON.stringify(faults) });
  await setFaults({ reset: 1 });
  await post({ type: 'track', userId: 'u1', event: 'Cut Off' });
  await page.locator('a.row', { hasText: 'Cut Off' }).click();

  await page
    .locator('.way li', { hasText: 'operation 1 of 1: not answered (fault: reset)' })
    .first()
    .waitFor();
  await setFaults({});
  await row('Cut Off', 'delivered').waitFor({ timeout: 90_000 });
}, 120_000);

it('Try it shows the operation before anything is sent, and follows what is sent', async () => {
  await goTo('#/try');
  const editor = page.getByLabel('Event as JSON');
  const preview = page.getByLabel('What becomes of it');

  await editor.fill('{"type":"track","event":"Nobody"}');
  await preview.getByText('missing_identifier').first().waitFor();
  await editor.fill('{"type":"track","userId":"u1","event":"Tried","properties":{"at":"2026-01-01"}}');
  await preview.getByText('"at": 1767225600').first().waitFor();
  await page.getByLabel('convertTimestamps').selectOption('false');
  await preview.getByText('"at": "2026-01-01"').first().waitFor();
  await preview.getByText('convertTimestamps: false').waitFor();
  expect(JSON.stringify(await readActivities(stack.sandboxUrl))).not.toContain('Tried');
  await page.getByRole('button', { name: 'Send', exact: true }).click();

  await page.locator('.followed .fate-delivered').waitFor();
  expect(await readActivities(stack.sandboxUrl)).toContainEqual(
    expect.objectContaining({ activity_name: 'Tried', attributes: { at: 1767225600 } }),
  );
});

it('Try it knows the rules of the source, shows examples of rules, and which of them did what', async () => {
  await goTo('#/try');
  const preview = page.getByLabel('What becomes of it');

  await page.getByLabel('Event as JSON').fill('{"type":"track","userId":"u1","event":"Robot Seen"}');
  await preview.locator('h2', { hasText: 'would be skipped' }).waitFor();
  await preview.getByText('By the rule no robots').waitFor();
  await page.getByLabel('Example').selectOption('hash an email');
  await preview.locator('.steps', { hasText: /mine.*hashed/ }).waitFor();
  await page.getByLabel('Settings of the source as JSON').fill('{"screens":"wrong"}');
  await preview.locator('.problem', { hasText: 'screens' }).waitFor();
});

it('Activity Log, People and Objects show what Customer.io has, and which event set what', async () => {
  const identify = (plan: string, timestamp: string) =>
    post({ type: 'identify', userId: 'ada', timestamp, traits: { email: 'ada@example.com', plan } });
  await identify('free', '2026-01-01T00:00:00Z');
  await row('ada', 'delivered').waitFor();
  await identify('pro', '2026-01-02T00:00:00Z');
  await post({ type: 'group', userId: 'ada', groupId: 'acme', traits: { seats: 12 } });
  await goTo('#/activity');
  await page.locator('tr', { hasText: 'Relationship Added' }).waitFor();

  await goTo('#/people');
  await page.getByRole('link', { name: 'ada', exact: true }).click();
  const plan = page.locator('.attributes li', { has: page.locator('code', { hasText: /^plan$/ }) });
  const history = plan.locator('.history li');
  await history.nth(1).waitFor();
  expect(await history.allTextContents()).toEqual([
    expect.stringMatching(/Jan 2, 2026.*"pro" by identify/),
    expect.stringMatching(/Jan 1, 2026.*"free" by identify/),
  ]);
  await page.locator('.panel').getByRole('link', { name: 'acme', exact: true }).click();
  await page.locator('.panel', { hasText: '"seats": 12' }).waitFor();
  await goTo('#/people/ada');
  await history.nth(1).locator('a').click();
  await page.locator('.panel h2', { hasText: 'identify' }).waitFor();
  await page.locator('.panel', { hasText: '"plan": "free"' }).waitFor();
});

it('A word of ours is not broken in a narrow table, whatever long words of events stand beside it', async () => {
  const email = `${'long'.repeat(12)}@example.com`;
  await post({ type: 'identify', userId: 'someone-with-a-long-id', traits: { email, unsubscribed: true } });
  await row('someone-with-a-long-id', 'delivered').waitFor();
  await goTo('#/people/someone-with-a-long-id');
  await page.locator('.panel', { hasText: 'Unsubscribed' }).waitFor();
  const word = page.locator('tr', { hasText: email }).getByText('unsubscribed', { exact: true });

  expect(await word.evaluate((element) => element.getClientRects().length)).toBe(1);
});

it('Of several workspaces the one that is chosen is shown', async () => {
  await post({ type: 'identify', userId: 'only-in-the-app', traits: { plan: 'mini' } }, 'app');
  await row('only-in-the-app', 'delivered').waitFor();
  await goTo('#/people');
  await page.getByLabel('Workspace').selectOption('app-site');

  await page.getByRole('link', { name: 'only-in-the-app', exact: true }).click();
  await page.locator('.history li', { hasText: '"mini" by identify' }).waitFor();
  await page.getByLabel('Workspace').selectOption('local');
  await page.getByRole('link', { name: 'ada', exact: true }).waitFor();
});

it('The pipeline says at a glance that it flows, and that Customer.io fails', async () => {
  await goTo('#/pipeline');
  await post({ type: 'track', userId: 'u1', event: 'Flows' });
  await page.locator('.verdict', { hasText: /Flowing.*; 0 messages/ }).waitFor();
  await expect(page.locator('.plot canvas').count()).resolves.toBe(6);
  await page.getByLabel('Source').selectOption('app');
  await page.locator('.plot .legend', { hasText: 'allowed 100' }).waitFor();
  await page.getByLabel('The last').selectOption('1 h');
  await page.locator('.counts a', { hasText: /^[1-9]\d*delivered/ }).waitFor();
  await page.getByLabel('Source').selectOption('all sources');
  await page.locator('.plot .legend', { hasText: 'allowed 200' }).waitFor();
  await page.getByLabel('The last').selectOption('2 min');

  await fetch(`${stack.sandboxUrl}/sandbox/faults`, { method: 'PUT', body: '{"unavailable":true}' });
  await post({ type: 'track', userId: 'u1', event: 'Fails' });

  await page
    .locator('.verdict', { hasText: /does not take requests: [1-9] messages? on the queue/ })
    .waitFor();
  await fetch(`${stack.sandboxUrl}/sandbox/faults`, { method: 'PUT', body: '{}' });
});

it('The pipeline says how many dead letters wait, and of when its numbers are', async () => {
  await post({ type: 'track', userId: 'u1', messageId: 'waits' });
  await row('missing_event_name', 'dead_lettered').waitFor();
  await goTo('#/pipeline');
  await page.getByLabel('The last').selectOption('10 min');
  await page.getByText('Of all events that are kept. The plots are of the last 10 min.').waitFor();
  const { letters } = JSON.parse(await ask('console/api/dead-letters')) as { letters: DeadLetter[] };

  await page.locator('.verdict', { hasText: `Dead letters that wait: ${letters.length}.` }).waitFor();
  await discardElsewhere(letters.filter(({ messageId }) => messageId === 'waits').map(({ id }) => id));
});

it('While the console does not answer, the pipeline says nothing of before as if it were now', async () => {
  const own = await visitor.newPage();
  await own.goto(`${stack.sandboxUrl}#/pipeline`);
  await own
    .locator('.verdict', { hasText: 'on the queue' })
    .or(own.locator('.verdict', { hasText: 'Quiet' }))
    .waitFor();
  await own.route('**/console/api/pipeline*', (route) => route.abort());

  await own.locator('.verdict', { hasText: 'Not known now' }).waitFor();
  await own.locator('.problem', { hasText: 'The console does not answer' }).waitFor();
  await own.close();
});

it('Message activity is reported, and arrives at Segment', async () => {
  await goTo('#/reporting');
  await page.getByLabel("Person's id").fill('u-reported');
  await page.getByRole('button', { name: 'Report' }).click();

  await page.locator('summary', { hasText: 'u-reported' }).waitFor();
  await page.getByRole('link', { name: 'its way' }).first().click();
  await page.locator('a.row.fate-delivered', { hasText: 'webhook' }).first().waitFor();
});

it('Tabs that nobody looks at hold no connection, of which a browser has six', async () => {
  const other = await browser.newVisitor();
  await other.addInitScript(
    "Object.defineProperty(document, 'hidden', { get: () => !location.search.includes('seen'), configurable: true })",
  );
  const unseen = await Promise.all(Array.from({ length: 7 }, () => other.newPage()));
  for (const one of unseen) await one.goto(stack.sandboxUrl);
  const seen = await other.newPage();
  await seen.clock.install();
  await seen.goto(`${stack.sandboxUrl}?seen`);
  await seen.locator('.dot.is-on').waitFor();

  await seen.evaluate(hide, true);
  await seen.clock.fastForward(25_000);
  await seen.locator('.dot:not(.is-on)').waitFor();
  await seen.evaluate(hide, false);
  await seen.locator('.dot.is-on').waitFor();
  await other.close();
});

const hide = (isHidden: boolean): void => {
  Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
};

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
  'codes',
];

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
declare const axe: { run(): Promise<{ violations: Finding[] }> };

/** What axe-core finds, however slight, as `rule: element`. */
const findings = async (): Promise<string[]> => {
  const violations = await page.evaluate(async () => (await axe.run()).violations);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

it('axe-core finds nothing, light and dark, on a desk and on a phone', async () => {
  await post({
    batch: [
      { type: 'identify', userId: 'ada', traits: { plan: 'pro' } },
      { type: 'track', event: 'Axe' },
    ],
  });
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
    await page.waitForTimeout(150);
    const main = page.locator('.button.is-main').first();
    if (await main.count()) await main.hover();
    for (const colorScheme of ['light', 'dark'] as const) {
      // A colour on its way to another one is neither.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect([name, colorScheme, await findings()]).toEqual([name, colorScheme, []]);
    }
    // What is open covers the page there.
    await page.setViewportSize({ width: 390, height: 844 });
    expect([name, 'phone', await findings()]).toEqual([name, 'phone', []]);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
});

it('No other host was asked for anything, and no page complained', () => {
  expect([...hosts]).toEqual([new URL(stack.sandboxUrl).host]);
  expect(complaints).toEqual([]);
});

describe('Who may use it', () => {
  const write = (path: string, headers: Record<string, string>): Promise<Response> =>
    fetch(stack.sandboxUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"to":"queue","body":"{}"}',
    });

  it.each(['/console/api/send', '/sandbox/reset'])('Another page cannot write: %s', async (path) => {
    expect((await write(path, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await write(path, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('A form, which no browser asks about first, is not taken', async () => {
    expect((await write('/console/api/send', { 'content-type': 'text/plain' })).status).toBe(400);
  });
});
