// `npm run screenshots`: the console's pages as pictures, light and dark, wide and narrow, of a stack with something
// in it. The folder is the argument; without one it is docs/console, and only what the docs show is made.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { ArchiveStore } from '../../infra/archive/store';
import { type StoredLine, startArchivedStage, stopStandIn, storeLine } from './archived-stage';
import { startBrowser } from './browser';
import { type Counted, standInForCloudWatch } from './cloud-watch';
import { ROOT, startFreshStack } from './running-stack';

interface Shot {
  readonly name: string;
  readonly hash: string;
  /** What to click on before the picture. */
  readonly click?: string;
  /** Of what to choose before the picture: the label of a choice, and the words. */
  readonly choose?: readonly [label: string, words: string];
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
  { name: 'try', hash: '#/try', choose: ['Example', 'preset rudderstack'] },
  { name: 'faults', hash: '#/faults' },
  { name: 'reporting', hash: '#/reporting' },
  { name: 'codes', hash: '#/codes' },
];

/** Of a stage on AWS. */
const STAGE_SHOTS: readonly Shot[] = [
  { name: 'stage', hash: '#/pipeline?seconds=86400' },
  { name: 'stage-dead-letter', hash: '#/dead-letters', click: 'td a' },
  { name: 'trace', hash: '#/trace/u-12?scans=true', click: 'tr:has(.fate-skipped) td a' },
  { name: 'trace-found', hash: '#/trace/u-12?scans=true' },
  { name: 'trace-nothing', hash: '#/trace/u-99?scans=true&source=app' },
  { name: 'trace-none', hash: '#/trace' },
];

/** Those that the docs show. */
const DOCUMENTED: readonly string[] = ['event', 'pipeline', 'dead-letter', 'try', 'stage', 'trace'];

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
const SETTLE_MS = 1_200;
/** Of which the dead letters take a second, and wait for each other. */
const SEARCHED_MS = 3_000;
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

const shoot = async (page: Page, shot: Shot, url: string, file: string): Promise<void> => {
  const { name, hash, click, choose } = shot;
  await page.goto('about:blank');
  await page.goto(`${url}/${hash}`);
  await wait(hash.startsWith('#/trace/') ? SEARCHED_MS : SETTLE_MS);
  if (choose !== undefined) await page.getByLabel(choose[0]).selectOption(choose[1]);
  if (choose !== undefined) await wait(SETTLE_MS / 2);
  if (click !== undefined) await page.locator(click).first().click();
  if (click !== undefined) await wait(SETTLE_MS / 2);
  await page.screenshot({ path: file });
  process.stdout.write(`${name} ${file}\n`);
};

/** A day of a shop whose app has begun to send events without a name, and whose Customer.io was away at noon. */
const dayOfAStage = (): Counted[] => {
  const namespace = 'cio-relay-test/events';
  const now = Math.floor(Date.now() / 300_000) * 300_000;
  const valuesOf = (at: (hour: number, wave: number) => number): Counted['values'] =>
    Array.from({ length: 288 }, (_, step) => {
      const hour = step / 12;
      return [now - (288 - step) * 300_000, at(hour, 1.4 - Math.cos((hour / 24) * 2 * Math.PI))] as const;
    });
  const isAway = (hour: number): boolean => hour > 13 && hour < 13.6;
  const own = (name: string, at: (hour: number, wave: number) => number, dimensions = {}): Counted => ({
    namespace,
    name,
    dimensions,
    values: valuesOf((hour, wave) => Math.round(at(hour, wave))),
  });
  const ofQueue = (name: string, at: (hour: number, wave: number) => number): Counted => ({
    ...own(name, at, { QueueName: 'cio-relay-test-events' }),
    namespace: 'AWS/SQS',
  });
  return [
    own('EventsReceived', (hour, wave) => 9_000 * wave + 500 * Math.sin(hour * 9)),
    own('EventsReceived', (_, wave) => 7_000 * wave, { source: 'website' }),
    own('EventsReceived', (_, wave) => 2_000 * wave, { source: 'app' }),
    own('EventsDelivered', (hour, wave) =>
      isAway(hour) ? 0 : hour > 13 && hour < 14.2 ? 16_000 * wave : 9_000 * wave,
    ),
    own('EventsSkipped', (_, wave) => 300 * wave),
    own('EventsRetried', (hour) => (isAway(hour) ? 9_000 : 0)),
    own('EventsDeadLettered', (hour) => (hour > 18 ? 2 : 0)),
    own('Requests', (hour, wave) => (isAway(hour) ? 60 : 700 * wave)),
    own('RequestsThrottled', (hour) => (hour > 13 && hour < 14.2 ? 40 : 0)),
    own('RequestsFailed', (hour) => (isAway(hour) ? 60 : 0)),
    own('EventAgeSeconds', (hour) => (hour > 13 && hour < 14.4 ? 900 : 4)),
    own('RequestsRefused', (_, wave) => 3 * wave),
    own('RequestsRefused', (_, wave) => 3 * wave, { code: 'invalid_write_key' }),
    own('EventsSkipped', (_, wave) => 300 * wave, { source: 'website', reason: 'integrations_disabled' }),
    own('EventsDeadLettered', (hour) => (hour > 18 ? 2 : 0), { source: 'app', reason: 'missing_event_name' }),
    ofQueue('ApproximateNumberOfMessagesVisible', (hour) => (isAway(hour) ? 4_000 : 20)),
    ofQueue('ApproximateNumberOfMessagesNotVisible', (hour) => (hour > 13 && hour < 14.2 ? 30_000 : 60)),
    ofQueue('ApproximateAgeOfOldestMessage', (hour) => (hour > 13 && hour < 14.4 ? 1_800 : 3)),
  ];
};

const HOUR_MS = 3_600_000;

/** Two days of somebody who has a dead letter on the stage. */
const archiveOfAPerson = async (store: ArchiveStore): Promise<void> => {
  const [userId, anonymousId] = ['u-12', '5f0c9a52-1e0e-4a6e-9d3f-7c1f0a6f2b11'];
  const lines: readonly StoredLine[] = [
    {
      ...{ messageId: 'm-901', ago: 40 * HOUR_MS, type: 'identify', source: 'website' },
      event: { type: 'identify', userId, anonymousId, traits: { email: 'grace@example.com', plan: 'pro' } },
    },
    {
      ...{ messageId: 'm-902', ago: 40 * HOUR_MS - 60_000, type: 'page', source: 'website' },
      event: { type: 'page', userId, anonymousId, name: 'Pricing', properties: { path: '/pricing' } },
    },
    {
      ...{ messageId: 'm-903', ago: 26 * HOUR_MS, type: 'track', source: 'website', attempts: 4 },
      event: {
        type: 'track',
        userId,
        event: 'Order Completed',
        properties: { total: 27.5, currency: 'EUR' },
      },
    },
    {
      ...{ messageId: 'm-904', ago: 25 * HOUR_MS, type: 'track', source: 'website', outcome: 'skipped' },
      ...{ reason: 'excluded_by_rule', detail: 'no internal notes' },
      event: {
        type: 'track',
        userId,
        event: 'Internal Note',
        properties: { text: 'Called back.', by: 'Edsger' },
      },
    },
    {
      ...{ messageId: 'm-12', ago: 2 * HOUR_MS, type: 'track', source: 'app', outcome: 'dead_lettered' },
      ...{ reason: 'missing_event_name', detail: 'event: expected a string' },
      event: { type: 'track', userId, properties: { cart: 12 } },
    },
  ];
  for (const line of lines) await storeLine(store, line);
};

const DEAD_ON_STAGE = 13;

/** The console of a stage on the in-process SQS and a stand-in for CloudWatch. */
const startStageConsole = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const world = await startArchivedStage();
  const { stage } = world;
  Object.assign(process.env, world.env);
  await archiveOfAPerson(world.store);
  const mock = standInForCloudWatch(dayOfAStage());
  const keys = { writeKey: 'w', siteId: 's', apiKey: 'a' };
  stage.setSources([
    { ...keys, name: 'website', archive: 'events' },
    { ...keys, name: 'app', writeKey: 'x', siteId: 't', archive: 'events' },
  ]);
  for (let number = 0; number < DEAD_ON_STAGE; number += 1) {
    await stage.put(
      'dead-letters',
      JSON.stringify({ type: 'track', userId: `u-${number}`, properties: { cart: number } }),
      {
        reason: 'missing_event_name',
        detail: 'event: expected a string',
        source: 'app',
        messageId: `m-${number}`,
        failedAt: new Date(Date.now() - number * 600_000).toISOString(),
      },
    );
  }
  const interruption = new AbortController();
  const told = Promise.withResolvers<string>();
  const ended = stage.run('console --write', { signal: interruption.signal, onOut: told.resolve });
  const url = await Promise.race([told.promise, ended.then(({ err }) => Promise.reject(new Error(err)))]);
  const stop = async (): Promise<void> => {
    interruption.abort();
    await ended;
    mock.restore();
    await Promise.all([world.stop(), stopStandIn()]);
  };
  return { url: url.replace(/\/$/, ''), stop };
};

interface Place {
  readonly url: string;
  readonly shots: readonly Shot[];
}

const main = async (): Promise<void> => {
  const [given] = process.argv.slice(2);
  const folder = given ?? join(ROOT, 'docs/console');
  await mkdir(folder, { recursive: true });
  const [stack, browser, stage] = await Promise.all([startFreshStack(), startBrowser(), startStageConsole()]);
  await play(stack.url, stack.sandboxUrl);
  const places: readonly Place[] = [
    { url: stack.sandboxUrl, shots: SHOTS },
    { url: stage.url, shots: STAGE_SHOTS },
  ];
  const sizes =
    given === undefined ? [['', WIDE] as const] : [['-1280', WIDE] as const, ['-390', NARROW] as const];
  for (const [suffix, viewport] of sizes) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const visitor = await browser.newVisitor({ viewport, colorScheme, locale: 'en-US' });
      const page = await visitor.newPage();
      for (const { url, shots } of places) {
        for (const shot of shots.filter(({ name }) => given !== undefined || DOCUMENTED.includes(name)))
          await shoot(page, shot, url, join(folder, `${shot.name}-${colorScheme}${suffix}.png`));
      }
      await visitor.close();
    }
  }
  await Promise.all([browser.close(), stack.stop(), stage.stop()]);
};

void main();
