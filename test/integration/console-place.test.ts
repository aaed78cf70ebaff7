// Whoever works with the console keeps the place: what is chosen stands in the address, what is typed is there after a
// look at another page, and what is open stays what it was. With a backend made for it, whose people and dead letters
// are known.

import { stop as stopEsbuild } from 'esbuild';
import type { Page } from 'playwright-core';
import type { ConsoleBackend, DeadLetter, EventSummary } from '../../infra/console/contract';
import { consoleHandler } from '../../infra/console/server/console-server';
import { startBrowser, type TestBrowser } from '../support/browser';
import { startServer, type TestServer } from '../support/http-server';
import { until } from '../support/until';

const letter = (number: number, detail: string): DeadLetter => ({
  id: `letter-${number}`,
  queue: 'cio-relay-local-dead-letters',
  origin: 'cio-relay-local-events',
  body: `{"type":"track","userId":"u-${number}"}`,
  reason: 'missing_event_name',
  detail,
  source: 'shop',
  from: { source: 'shop' },
  messageId: `m-${number}`,
  failedAt: 1_000,
  attributes: {},
});

const LETTERS = [
  letter(1, 'event: expected a string'),
  letter(2, 'event: expected a string'),
  letter(3, 'name: expected a string'),
];

const SOURCES = Array.from({ length: 100 }, (_, index) => `a source with a name that is too long ${index}`);

const personOf = (id: string) => ({
  identifiers: { cio_id: `cio-${id}`, id },
  attributes: {},
  devices: [],
  relationships: [{ identifiers: { object_type_id: '1', object_id: 'acme' }, relationship_attributes: {} }],
  unsubscribed: false,
  events: 1,
});

const activityOf = (number: number) => ({
  activity_type: 'event',
  activity_name: `Activity ${number}`,
  identifiers: { cio_id: 'cio-ada', id: 'ada' },
  attributes: {},
  timestamp: number,
});

/** How many the workspace has had; the page gets the newest of them. */
let activities = 3_000;

const row = (number: number): EventSummary => ({
  number,
  at: number,
  door: number === 3 ? 'webhook' : 'http',
  fate: 'delivered',
  fateAt: number,
  reason: '',
  detail: '',
  source: number === 2 ? 'app' : 'shop',
  type: 'track',
  name: `Event ${number}`,
  person: 'ada',
  messageId: `m-${number}`,
  text: '',
  isTextCut: false,
});

const ROWS = Array.from({ length: 60 }, (_, index) => row(index + 1));

const backend: ConsoleBackend = {
  info: {
    kind: 'local',
    title: 'A test',
    note: '',
    keeps: { events: 1_000, bytes: Infinity },
    endpoint: {
      url: 'http://127.0.0.1:3000',
      writeKeys: [
        { source: 'shop', writeKey: 'shop-key' },
        { source: 'app', writeKey: "app's key" },
      ],
    },
    readEveryMs: 50,
  },
  events: {
    run: 'test',
    list: () => ROWS,
    detail: (number) => ({
      summary: row(number),
      raw: { type: 'track', event: `Event ${number}`, padding: Array.from({ length: 90 }, () => 'x') },
      changes: [],
      operations: [],
      steps: [],
    }),
    search: async () => [],
    listen: () => () => {},
  },
  customerIo: {
    workspaces: () => ['first-site', 'second site'],
    activities: (_, limit) => ({
      newest: Array.from({ length: limit }, (_, index) => activityOf(activities - index)),
      total: activities,
    }),
    people: (workspace) => [personOf(workspace === 'second site' ? 'grace' : 'ada')],
    objects: () => [],
    history: () => [],
  },
  pipeline: {
    ranges: [120],
    ways: ['Customer.io'],
    read: async () => ({ times: [], stepSeconds: 1, measured: {}, sources: SOURCES, problems: [] }),
  },
  sources: async () =>
    SOURCES.map((name, index) => ({ name, settings: index === 99 ? { screens: 'screen' } : {} })),
  faults: { get: () => ({}), set: () => undefined },
  reporting: { emit: () => undefined, webhooks: () => [], arrived: () => [] },
  deadLetters: {
    list: async () => ({ letters: LETTERS, total: LETTERS.length, readAt: 0 }),
    write: {
      discardsTo: 'nowhere',
      sendAgain: async () => ({ done: 1, left: 0 }),
      discard: async () => ({ done: 1, left: 0 }),
    },
  },
};

let server: TestServer;
let browser: TestBrowser;
let page: Page;
let url: string;

beforeAll(async () => {
  const handle = consoleHandler(backend);
  server = await startServer((request, response) => void handle(request, response));
  url = `${server.url}/`;
  browser = await startBrowser();
  page = await newPage({ width: 1280, height: 800 });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await stopEsbuild();
});

const newPage = async (viewport: { width: number; height: number }): Promise<Page> => {
  const visitor = await browser.newVisitor({ viewport, locale: 'en-US' });
  await visitor.grantPermissions(['clipboard-read', 'clipboard-write']);
  const opened = await visitor.newPage();
  return opened;
};

/** Anew, as from a link. */
const open = async (hash: string, on: Page = page): Promise<void> => {
  await on.goto('about:blank');
  await on.goto(url + hash);
  await on.locator('h1').first().waitFor();
};

/** Of the page itself: the driver's is told of a change later. */
const address = async (): Promise<string> => decodeURIComponent(await page.evaluate(() => location.hash));

declare const getComputedStyle: (element: unknown) => { paddingLeft: string };
declare const location: { hash: string };
declare const navigator: {
  clipboard: { readText(): Promise<string>; writeText(text: string): Promise<void> };
};

it('The workspace that is chosen stands in the address, on every page that shows one', async () => {
  await open('#/people');
  await page.getByRole('link', { name: 'ada' }).waitFor();
  await page.getByLabel('Workspace, by site id').selectOption('second site');
  await page.getByRole('link', { name: 'grace' }).click();
  await page.locator('.panel h2', { hasText: 'grace' }).waitFor();
  await page.reload();
  await page.locator('.panel h2', { hasText: 'grace' }).waitFor();

  await page.getByRole('link', { name: 'Their activity' }).click();
  await page.locator('h1', { hasText: 'Activity Log' }).waitFor();
  expect(await page.getByLabel('Workspace, by site id').inputValue()).toBe('second site');
  await page.getByRole('navigation').getByRole('link', { name: 'Codes' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'People' }).click();
  await page.getByRole('link', { name: 'grace' }).waitFor();
  expect(await address()).toBe('#/people?workspace=second+site');
});

it('A workspace in the address that there is none of is the first', async () => {
  await open('#/people?workspace=gone');

  await page.getByRole('link', { name: 'ada' }).waitFor();
  expect(await page.getByLabel('Workspace, by site id').inputValue()).toBe('first-site');
});

it('The letter that is open stays open while somebody searches, and the search while somebody goes on', async () => {
  await open('#/dead-letters');
  await page.locator('tr', { hasText: 'event: expected' }).locator('a').click();
  await page.getByRole('button', { name: 'Next' }).click();
  const editor = page.getByLabel('Event of the dead letter as JSON');
  await editor.fill('{"typed":true}');
  await page.getByLabel('Search Dead letters').fill('shop event');

  expect(await address()).toContain('letter=letter-2');
  expect(await editor.inputValue()).toBe('{"typed":true}');
  await page.getByRole('button', { name: 'Previous' }).click();
  expect(await address()).toContain('q=shop+event');
  expect(await address()).toContain('letter=letter-1');
});

it('What is typed into a dead letter is there after a look at what its code means', async () => {
  await open('#/dead-letters');
  await page.locator('tr', { hasText: 'name: expected' }).locator('a').click();
  const editor = page.getByLabel('Event of the dead letter as JSON');
  await editor.fill('{"typed":"for minutes"}');
  await page.locator('.panel h2 a').first().click();
  await page.locator('h1', { hasText: 'Codes' }).waitFor();
  await page.goBack();

  await editor.waitFor();
  expect(await editor.inputValue()).toBe('{"typed":"for minutes"}');
  await page.getByRole('button', { name: 'As it was' }).click();
  expect(JSON.parse(await editor.inputValue())).toEqual({ type: 'track', userId: 'u-3' });
});

it('What was typed into a dead letter and sent is not there any more', async () => {
  const link = '#/dead-letters/missing_event_name%20%C2%B7%20shop%20%C2%B7%20event?letter=letter-2';
  const editor = page.getByLabel('Event of the dead letter as JSON');
  await open(link);
  await editor.fill('{"typed":"and sent"}');
  await page.getByRole('button', { name: 'Send again, as changed' }).click();
  await page.locator('h1', { hasText: 'Events' }).waitFor();
  await page.evaluate((hash) => {
    location.hash = hash;
  }, link);

  await editor.waitFor();
  expect(JSON.parse(await editor.inputValue())).toEqual({ type: 'track', userId: 'u-2' });
});

it('What is typed into Try it is there after a look at another page', async () => {
  await open('#/try');
  await page.getByLabel('Event as JSON').fill('{"type":"track","userId":"u","event":"Mine"}');
  await page.locator('summary', { hasText: 'Settings' }).click();
  await page.getByLabel('Settings of the source as JSON').fill('{"screens":"screen"}');
  await page.getByRole('navigation').getByRole('link', { name: 'Codes' }).click();
  await page.locator('h1', { hasText: 'Codes' }).waitFor();
  await page.goBack();

  await page.locator('h1', { hasText: 'Try it' }).waitFor();
  expect(await page.getByLabel('Event as JSON').inputValue()).toContain('Mine');
  expect(await page.getByLabel('Settings of the source as JSON').inputValue()).toBe('{"screens":"screen"}');
  expect(await page.getByLabel('Example').inputValue()).toBe('');
});

it('An event that is sent to Try it again is there, whatever was chosen since', async () => {
  const editor = page.getByLabel('Event as JSON');
  const holds = (text: string) => until(async () => (await editor.inputValue()).includes(text));
  await open('#/events/test-1');
  await page.getByRole('link', { name: 'Open in Try it' }).click();
  await holds('Event 1');
  await page.getByLabel('Example').selectOption({ index: 2 });
  expect(await editor.inputValue()).not.toContain('Event 1');
  await page.evaluate(() => {
    location.hash = '#/events/test-1';
  });
  await page.getByRole('link', { name: 'Open in Try it' }).click();

  await holds('Event 1');
});

const FIRST_EVENT = /\/events\/1\?/;

it('Of two events that are sent to Try it the last stands there, whichever answer comes last', async () => {
  const own = await newPage({ width: 1280, height: 800 });
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await own.route(FIRST_EVENT, async (route) => {
    await held;
    await route.continue();
  });
  await open('#/try?event=test-1', own);
  await own.evaluate(() => {
    location.hash = '#/try?event=test-2';
  });
  const editor = own.getByLabel('Event as JSON');
  await until(async () => (await editor.inputValue()).includes('Event 2'));
  const late = own.waitForResponse(FIRST_EVENT);
  letGo();
  await (await late).finished();
  await own.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));

  expect(await editor.inputValue()).toContain('Event 2');
  await own.close();
});

it('A line of the Activity Log that is open stays the same while others come', async () => {
  await open('#/activity');
  await page.locator('tr', { hasText: 'Activity 2999' }).locator('a').click();
  await page.locator('.panel', { hasText: 'Activity 2999' }).waitFor();
  activities += 5;
  await page.locator('tr', { hasText: 'Activity 3005' }).waitFor();

  expect(await page.locator('.panel').textContent()).toContain('Activity 2999');
  await page.reload();
  await page.locator('.panel', { hasText: 'Activity 2999' }).waitFor();
});

it('The number beside the heading is that of the dead letters, as on every other page', async () => {
  await open('#/dead-letters');
  const number = page.locator('.bar-line .quiet');

  await page.locator('tr').nth(2).waitFor();
  expect(await number.textContent()).toBe('3');
  await page.getByLabel('Search Dead letters').fill('name:');
  expect(await number.textContent()).toBe('1 of 3');
});

it('A tab is named by its page', async () => {
  await open('#/dead-letters');
  await expect(page.title()).resolves.toBe('Dead letters · cio-relay: A test');
  await page.getByRole('navigation').getByRole('link', { name: 'Codes' }).click();
  await page.locator('h1', { hasText: 'Codes' }).waitFor();

  await expect(page.title()).resolves.toBe('Codes · cio-relay: A test');
});

it('On a phone the menu shows where one is', async () => {
  const phone = await newPage({ width: 360, height: 740 });
  await open('#/codes', phone);
  const box = await phone.locator('nav a[aria-current]').boundingBox();

  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
  await phone.close();
});

it('On a phone a choice of sources ends where the page does, however long their names are', async () => {
  const phone = await newPage({ width: 360, height: 740 });
  await open('#/pipeline', phone);
  const box = await phone.getByLabel('Source').boundingBox();

  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
  await phone.close();
});

it('Of a hundred sources one is chosen, whose settings Try it takes', async () => {
  await open('#/try');
  await page.locator('summary', { hasText: 'Settings' }).click();
  await page.getByLabel('Take those of').selectOption(SOURCES[99] ?? '');

  expect(JSON.parse(await page.getByLabel('Settings of the source as JSON').inputValue())).toEqual({
    screens: 'screen',
  });
});

it('Arrow keys go from row to row, but scroll where the event is read, and leave the browser its own', async () => {
  await open('#/events');
  await page.locator('a.row').first().waitFor();
  // The page hears keys a moment after it is seen.
  await until(async () => {
    if ((await address()) === '#/events') await page.keyboard.press('ArrowDown');
    return (await address()) !== '#/events';
  });
  await page.locator('.panel h2', { hasText: 'Event 60' }).waitFor();
  const opened = await address();

  await page.keyboard.press('Control+k');
  await page.keyboard.press('Alt+ArrowDown');
  await page.locator('.panel .button').first().focus();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowDown');
  expect(await address()).toBe(opened);
  await until(async () => (await page.locator('.panel').evaluate(({ scrollTop }) => scrollTop)) > 0);
  await page.keyboard.press('j');
  await page.locator('.panel h2', { hasText: 'Event 59' }).waitFor();
});

it('An event is copied as the command that sends it by the key of its own source', async () => {
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  const copied = async (number: number): Promise<string> => {
    await open(`#/events/test-${number}`);
    await page.evaluate(() => navigator.clipboard.writeText(''));
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await until(async () => (await clipboard()) !== '');
    return clipboard();
  };

  expect(await copied(1)).toMatch(
    /^curl -u 'shop-key:' http:\/\/127\.0\.0\.1:3000\/v1\/batch \\\n {2}--data-raw '/,
  );
  expect(await copied(2)).toContain("curl -u 'app'\\''s key:' ");
});

it('What a webhook brought is no event that an endpoint would take', async () => {
  await open('#/events/test-3');
  await page.getByRole('button', { name: 'Copy JSON' }).waitFor();

  expect(await page.getByRole('button', { name: 'Copy as curl' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Open in Try it' }).count()).toBe(0);
});

it('A key stands before its value in JSON, whatever way both are written', async () => {
  await open('#/try');
  await page.getByLabel('Event as JSON').fill('{"type":"identify","userId":"u","traits":{"שם":"ערך"}}');
  const half = page.locator('.try-right .json').first();
  const [key, value] = await Promise.all([
    half.locator('.j-key', { hasText: 'שם' }).boundingBox(),
    half.locator('.j-text', { hasText: 'ערך' }).boundingBox(),
  ]);

  expect((key?.x ?? 0) + (key?.width ?? 0)).toBeLessThanOrEqual(value?.x ?? 0);
});

it('Beside what is open, a list that has no room for its columns has a line for each', async () => {
  const narrow = await newPage({ width: 1000, height: 700 });
  await open('#/dead-letters', narrow);
  await narrow.locator('tr', { hasText: 'event: expected' }).locator('a').click();
  await narrow.locator('.panel h2').first().waitFor();
  const excess = await narrow
    .locator('.main-part')
    .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  const cell = await narrow.locator('td[data-label="Field and message"]').first().boundingBox();

  expect(excess).toBe(0);
  expect(cell?.width).toBeGreaterThan(300);
  await narrow.close();
});

it.each(['#/people', '#/faults', '#/reporting'])(
  'An answer that is none of the console’s is said in words, below the heading: %s',
  async (hash) => {
    const own = await newPage({ width: 1280, height: 800 });
    await open(hash, own);
    await own.route('**/console/api/**', (route) => route.fulfill({ status: 502, body: '<html>Bad' }));
    const problem = own.getByRole('alert');
    await problem.waitFor();

    expect(await problem.textContent()).toBe('The console answered 502, and no JSON.');
    const left = await problem.evaluate((element) =>
      Number.parseInt(getComputedStyle(element).paddingLeft, 10),
    );
    expect(left).toBe(20);
    await own.close();
  },
);
