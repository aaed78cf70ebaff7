// `npm run screenshots`: the console's pages as pictures, light and dark, wide and narrow, of a stack with something
// in it. The folder is the argument; without one it is docs/console, and only what the docs show is made.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from './browser';
import { ROOT, startFreshStack } from './running-stack';

interface Shot {
  readonly name: string;
  readonly hash: string;
  /** What to click on before the picture. */
  readonly click?: string;
}

const SHOTS: readonly Shot[] = [
  { name: 'events', hash: '#/events' },
  { name: 'pipeline', hash: '#/pipeline' },
  { name: 'event', hash: '#/events', click: '.row.fate-delivered:has-text("Order Completed")' },
  { name: 'dead-letters', hash: '#/dead-letters' },
  { name: 'dead-letter', hash: '#/dead-letters', click: 'td a' },
  { name: 'activity', hash: '#/activity' },
  { name: 'people', hash: '#/people', click: 'td a' },
  { name: 'objects', hash: '#/objects', click: 'td a' },
  { name: 'try', hash: '#/try' },
  { name: 'faults', hash: '#/faults' },
  { name: 'reporting', hash: '#/reporting' },
];

/** Those that the docs show. */
const DOCUMENTED: readonly string[] = ['event', 'pipeline', 'dead-letter', 'try'];

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
const SETTLE_MS = 1_200;
const DELIVERED_AFTER_MS = 4_000;

const PEOPLE = ['ada', 'grace', 'edsger', 'barbara', 'alan'] as const;

const eventsOf = (name: string, index: number): object[] => [
  {
    type: 'identify',
    userId: `u-${index}`,
    traits: { email: `${name}@example.com`, plan: index % 2 ? 'pro' : 'free' },
  },
  {
    type: 'page',
    userId: `u-${index}`,
    name: 'Pricing',
    properties: { url: 'https://shop.example/pricing' },
  },
  { type: 'track', userId: `u-${index}`, event: 'Order Completed', properties: { total: 27.5 + index } },
  { type: 'group', userId: `u-${index}`, groupId: 'acme', traits: { name: 'Acme', seats: 12 } },
];

const TROUBLE: readonly object[] = [
  { type: 'track', event: 'Signed Up' },
  { type: 'identify', userId: 'undefined', traits: { plan: 'pro' } },
  { type: 'identify', userId: 'u-9', traits: { bio: 'x'.repeat(1_200) } },
  { type: 'track', userId: 'u-1', event: 'Internal Note', integrations: { 'Customer.io': false } },
];

const post = (url: string, key: string, batch: readonly object[]): Promise<Response> =>
  fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch, sentAt: new Date().toISOString() }),
  });

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const emit = (sandboxUrl: string, metric: string): Promise<Response> =>
  fetch(`${sandboxUrl}/sandbox/emit`, {
    method: 'POST',
    body: JSON.stringify({ object_type: 'email', metric, identifiers: { id: 'u-1' } }),
  });

const play = async (url: string, sandboxUrl: string): Promise<void> => {
  for (const [index, name] of PEOPLE.entries()) {
    await post(url, 'local', eventsOf(name, index));
    await wait(300);
  }
  for (const metric of ['sent', 'delivered', 'opened', 'clicked']) await emit(sandboxUrl, metric);
  await post(url, 'local', TROUBLE);
  await post(url, 'a-wrong-key', [{ type: 'track', userId: 'u-1', event: 'Lost Key' }]);
  await wait(DELIVERED_AFTER_MS);
};

const shoot = async (page: Page, { name, hash, click }: Shot, url: string, file: string): Promise<void> => {
  await page.goto('about:blank');
  await page.goto(`${url}/${hash}`);
  await wait(SETTLE_MS);
  if (click !== undefined) await page.locator(click).first().click();
  if (click !== undefined) await wait(SETTLE_MS / 2);
  await page.screenshot({ path: file });
  process.stdout.write(`${name} ${file}\n`);
};

const shotsFor = (folder: string | undefined): readonly Shot[] =>
  folder === undefined ? SHOTS.filter(({ name }) => DOCUMENTED.includes(name)) : SHOTS;

const main = async (): Promise<void> => {
  const [given] = process.argv.slice(2);
  const folder = given ?? join(ROOT, 'docs/console');
  await mkdir(folder, { recursive: true });
  const [stack, browser] = await Promise.all([startFreshStack(), startBrowser()]);
  await play(stack.url, stack.sandboxUrl);
  const sizes =
    given === undefined ? [['', WIDE] as const] : [['-1280', WIDE] as const, ['-390', NARROW] as const];
  for (const [suffix, viewport] of sizes) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const visitor = await browser.newVisitor({ viewport, colorScheme, locale: 'en-US' });
      const page = await visitor.newPage();
      for (const shot of shotsFor(given)) {
        await shoot(page, shot, stack.sandboxUrl, join(folder, `${shot.name}-${colorScheme}${suffix}.png`));
      }
      await visitor.close();
    }
  }
  await Promise.all([browser.close(), stack.stop()]);
};

void main();
