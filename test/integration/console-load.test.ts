// The page with as many events as it keeps: a hundred thousand, from a backend made for it. CONSOLE_EVENTS says how
// many; `npm test` takes a fifth of them, which is enough to see that only the rows in sight exist.

import { stop as stopEsbuild } from 'esbuild';
import type { Page } from 'playwright-core';
import type { ConsoleBackend, EventSummary, Listener } from '../../infra/console/contract';
import { consoleHandler } from '../../infra/console/server/console-server';
import { startBrowser, type TestBrowser } from '../support/browser';
import { startServer, type TestServer } from '../support/http-server';

const EVENTS = Number(process.env['CONSOLE_EVENTS'] ?? 20_000);
const ALL = EVENTS.toLocaleString('en');
const MAX_FILTER_MS = 200;

const rowOf = (number: number): EventSummary => ({
  number,
  at: number,
  door: 'http',
  fate: number % 10 === 0 ? 'dead_lettered' : 'delivered',
  fateAt: number,
  reason: '',
  detail: '',
  source: 'shop',
  type: 'track',
  name: `Event ${number}`,
  person: `person-${number % 1_000}`,
  messageId: `message-${number}`,
  text: `{"properties":{"padding":"${'x'.repeat(400)}","sku":"sku-${number}"}}`,
  isTextCut: false,
});

const listeners = new Set<Listener>();
const backend: ConsoleBackend = {
  info: {
    kind: 'local',
    title: 'A test',
    note: '',
    keeps: { events: EVENTS, bytes: Infinity },
    readEveryMs: 1_000,
  },
  events: {
    run: 'test',
    list: () => Array.from({ length: EVENTS }, (_, index) => rowOf(index + 1)),
    detail: (number) => ({ summary: rowOf(number), raw: {}, changes: [], operations: [], steps: [] }),
    search: async () => [],
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  },
};

let server: TestServer;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  const handle = consoleHandler(backend);
  server = await startServer((request, response) => void handle(request, response));
  browser = await startBrowser();
  page = await (await browser.newVisitor({ locale: 'en-US' })).newPage();
  await page.goto(`${server.url}/`);
  await page.locator('.bar .quiet', { hasText: ALL }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await stopEsbuild();
});

declare const document: {
  querySelector(selector: string): {
    scrollTop: number;
    scrollHeight: number;
    value: string;
    textContent: string;
  };
};
declare const performance: { now(): number };
declare const InputEvent: new (type: string, options: object) => object;
declare const requestAnimationFrame: (then: () => void) => void;

const count = () => page.locator('.bar .quiet').textContent();

it('Only the rows in sight exist, at both ends of the list', async () => {
  await page.locator('a.row', { hasText: new RegExp(`Event ${EVENTS}(?!\\d)`) }).waitFor();

  await page.evaluate(() => {
    const rows = document.querySelector('.rows');
    rows.scrollTop = rows.scrollHeight;
  });

  await page.locator('a.row', { hasText: /Event 1(?!\d)/ }).waitFor();
  expect(await page.locator('a.row').count()).toBeLessThan(100);
});

it('A search through all of them is drawn within 200 ms', async () => {
  const search = page.getByRole('searchbox');
  const drawnAfterMs = (query: string): Promise<number> =>
    search.evaluate(async (input, text) => {
      const start = performance.now();
      Object.assign(input, { value: text });
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await new Promise<void>((resolve) => requestAnimationFrame(() => resolve()));
      return performance.now() - start;
    }, query);
  const times: number[] = [];
  // The faster of two: what else runs on the machine is not what is measured.
  for (const query of ['sku-99', 'person-777', 'nothing-is-like-this']) {
    const first = await drawnAfterMs(query);
    await drawnAfterMs('');
    times.push(Math.min(first, await drawnAfterMs(query)));
  }

  expect(Math.max(...times)).toBeLessThan(MAX_FILTER_MS);
  await expect(count()).resolves.toContain(`0 of ${ALL}`);
});

it('Further down, rows that come leave those in sight where they are', async () => {
  await page.getByRole('searchbox').fill('');
  await page.evaluate(() => {
    document.querySelector('.rows').scrollTop = 36 * 5_000;
  });
  const seen = page.locator('a.row', { hasText: `Event ${EVENTS - 5_000}` });
  await seen.waitFor();
  const before = await seen.boundingBox();

  for (const tell of listeners) tell([rowOf(EVENTS + 1), rowOf(EVENTS + 2)]);
  await page.locator('.bar .quiet', { hasText: (EVENTS + 2).toLocaleString('en') }).waitFor();

  expect(await seen.boundingBox()).toEqual(before);
});

it('A row changes its fate in place', async () => {
  for (const tell of listeners) tell([{ ...rowOf(EVENTS - 5_000), fate: 'refused' }]);

  await page.locator('a.row.fate-refused', { hasText: `Event ${EVENTS - 5_000}` }).waitFor();
});

it('All of them take less than four kilobytes each in the tab', async () => {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');

  expect(usedSize / EVENTS).toBeLessThan(4_096);
});
