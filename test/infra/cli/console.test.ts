// `relay console` against a stage on the in-process SQS and a stand-in for CloudWatch, in a real browser and by hand.

import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { stop as stopEsbuild } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { startBrowser, type TestBrowser } from '../../support/browser';
import { type Counted, standInForCloudWatch } from '../../support/cloud-watch';
import { relayCli, type Stage, startStage } from '../../support/relay-cli';
import { type StageConsole, startStageConsole } from '../../support/stage-console';
import { until } from '../../support/until';

const EVENTS = 'cio-relay-test/events';
const now = Math.floor(Date.now() / 60_000) * 60_000;
const counted = (name: string, value: number, dimensions: Record<string, string> = {}): Counted => ({
  namespace: EVENTS,
  name,
  dimensions,
  // Before and after now, so that a slow test has its hour as well.
  values: Array.from({ length: 180 }, (_, minute) => [now + (60 - minute) * 60_000, value] as const),
});
const COUNTED: readonly Counted[] = [
  counted('EventsReceived', 120),
  counted('EventsReceived', 120, { source: 'web' }),
  counted('EventsDelivered', 110),
  counted('EventsDelivered', 110, { source: 'web' }),
  counted('Requests', 6),
  counted('RequestsRefused', 1, { code: 'invalid_write_key' }),
  counted('EventsDeadLettered', 2, { source: 'web', reason: 'missing_event_name' }),
];

let stage: Stage;
let browser: TestBrowser;
let folder: string;
let mock: ReturnType<typeof standInForCloudWatch>;

beforeAll(async () => {
  [stage, browser] = await Promise.all([startStage(), startBrowser()]);
  folder = await mkdtemp(join(tmpdir(), 'relay-console-'));
  mock = standInForCloudWatch(COUNTED);
});

afterAll(async () => {
  mock?.restore();
  await Promise.all([browser?.close(), stage?.stop(), stopEsbuild()]);
  await rm(folder, { recursive: true });
});

const startConsole = (options = ''): Promise<StageConsole> => startStageConsole(stage, options);

const ask = async (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> => {
  const asked = request(url, { method, headers }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
};

describe('Who may use it', () => {
  let running: StageConsole;
  beforeAll(async () => {
    running = await startConsole();
  });
  afterAll(async () => {
    await running.end();
  });

  it('The address is on loopback and holds a token, without which there is nothing', async () => {
    const { hostname, origin, pathname } = new URL(running.url);

    expect(hostname).toBe('127.0.0.1');
    expect(pathname).toMatch(/^\/[\w-]{32}\/$/);
    expect(await ask(running.url)).toBe(200);
    expect(await ask(`${running.url}console/api/info`)).toBe(200);
    for (const path of [
      '/',
      '/console/api/info',
      '/console/app.js',
      // Another last letter, whichever it is.
      pathname.replace(/.\/$/, (end) => (end === '-/' ? '_/' : '-/')),
      pathname.slice(0, -1),
    ])
      expect([path, await ask(origin + path)]).toEqual([path, 403]);
  });

  it('The page of another origin is refused, whatever it asks, and so is another host', async () => {
    const info = `${running.url}console/api/info`;
    expect(await ask(info, { origin: 'https://evil.example' })).toBe(403);
    expect(await ask(info, { origin: 'null' })).toBe(403);
    expect(await ask(info, { host: 'evil.example' })).toBe(403);
    expect(
      await ask(`${running.url}console/api/dead-letters/send`, { 'sec-fetch-site': 'cross-site' }, 'POST'),
    ).toBe(403);
  });

  it('Without --write nothing can be written', async () => {
    for (const action of ['send', 'discard']) {
      const answer = await fetch(`${running.url}console/api/dead-letters/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"ids":["x"]}',
      });
      expect([answer.status, await answer.json()]).toEqual([
        403,
        { error: expect.stringContaining('--write') },
      ]);
    }
  });

  it('What this backend cannot know has no page', async () => {
    const info = await (await fetch(`${running.url}console/api/info`)).json();
    expect(info).toMatchObject({
      kind: 'aws',
      pages: ['pipeline', 'trace', 'dead-letters', 'try', 'codes'],
      trace: { since: '7d', limits: [20, 100, 500] },
      canSend: false,
    });
  });
});

describe('In a browser', () => {
  let visitor: BrowserContext;
  let page: Page;
  let running: StageConsole;
  let complaints: string[];

  const open = async (options = ''): Promise<void> => {
    running = await startConsole(options);
    visitor = await browser.newVisitor({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
    complaints = [];
    page = await visitor.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(running.url);
    await page.locator('h1').waitFor();
  };

  beforeEach(() => {
    stage.setSources([
      {
        name: 'web',
        writeKey: 'secret-write-key',
        siteId: 's',
        apiKey: 'secret-api-key',
        requestsPerSecond: 80,
        rules: [{ name: 'orders', rename: { 'Order Completed': 'Purchase' } }],
      },
    ]);
  });

  afterEach(async () => {
    await visitor.close();
    expect((await running.end()).code).toBe(0);
    await Promise.all([stage.takeAll('events'), stage.takeAll('dead-letters')]);
  });

  const put = (event: string, messageId: string) =>
    stage.put(
      'dead-letters',
      JSON.stringify({ type: 'track', userId: 'u1', ...(event && { event }), messageId }),
      {
        reason: 'missing_event_name',
        detail: 'event: expected a string',
        source: 'web',
        messageId,
        failedAt: new Date().toISOString(),
      },
    );

  it('The pipeline tells what comes, what waits and what went nowhere, for hours and by source', async () => {
    await stage.put('events', '{"type":"track","userId":"u1","event":"Waits"}');
    await put('', 'm-1');
    await open();

    await page
      .locator('.verdict', { hasText: /1 message on the queue.*Dead letters that wait: 1/ })
      .waitFor();
    await page.locator('.counts li', { hasText: /7,200.*received/s }).waitFor();
    await page.locator('.plot', { hasText: 'Requests per second' }).locator('text=allowed 80').waitFor();
    await page
      .locator('tr', { hasText: 'invalid_write_key' })
      .locator('text=Compare the write key')
      .waitFor();
    expect(await page.locator('.plot', { hasText: 'Operations' }).count()).toBe(0);

    await page.getByLabel('The last').selectOption('14 d');
    await until(() => {
      const [call] = mock.commandCalls(GetMetricDataCommand).slice(-1);
      return call?.args[0].input.MetricDataQueries?.[0]?.MetricStat?.Period === 3_600;
    });
    await page.getByLabel('To').selectOption('Segment');
    await page.locator('.counts').getByText('dead letters wait now').waitFor();
    expect(await page.content()).not.toContain('secret-');
    expect(complaints).toEqual([]);
  });

  it('Read-only, a dead letter is read and changed to see what would become of it, and nothing else', async () => {
    await put('', 'm-1');
    await open();
    await page.getByRole('link', { name: 'Dead letters', exact: true }).click();
    await page.locator('td a', { hasText: 'missing_event_name' }).click();

    await page.locator('.panel .meaning', { hasText: 'What to do' }).first().waitFor();
    await page
      .getByLabel('Event of the dead letter as JSON')
      .fill('{"type":"track","userId":"u1","event":"Order Completed"}');
    await page.locator('.panel .try-right', { hasText: '"name": "Purchase"' }).waitFor();
    expect(await page.getByRole('button', { name: /Send|Discard/ }).count()).toBe(0);
    expect(await stage.count('dead-letters')).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('With --write, one is mended and sent again, and the rest of its group is discarded into a file', async () => {
    for (const id of ['m-1', 'm-2', 'm-3']) await put('', id);
    await open(`--write --discarded ${folder}`);
    await page.getByRole('link', { name: 'Dead letters', exact: true }).click();
    await page.locator('td a', { hasText: 'missing_event_name' }).click();

    const editor = page.getByLabel('Event of the dead letter as JSON');
    const text = await editor.inputValue();
    await editor.fill(text.replace('"userId": "u1"', '"userId": "u1", "event": "Mended"'));
    await page.getByRole('button', { name: 'Send again, as changed …' }).click();
    await page.getByText('Puts this event, as changed, on cio-relay-test-events').waitFor();
    expect(await stage.count('events')).toBe(0);
    await page.getByRole('button', { name: 'Send again, as changed' }).click();
    await page.locator('output', { hasText: '1 event sent again.' }).waitFor();
    expect((await stage.takeAll('events')).map(({ Body }) => JSON.parse(Body ?? '').event)).toEqual([
      'Mended',
    ]);

    await page.locator('h3', { hasText: 'Letter 1 of 2' }).waitFor();
    await page.getByRole('button', { name: 'Discard all …' }).click();
    const doIt = page.getByRole('button', { name: 'Discard 2 events' });
    await page.getByLabel('Type discard 2').fill('discard');
    expect(await doIt.isDisabled()).toBe(true);
    await page.getByLabel('Type discard 2').fill('discard 2');
    await doIt.click();
    await page.locator('output', { hasText: /2 events discarded\. Kept in .*\.ndjson/ }).waitFor();
    expect(await stage.count('dead-letters')).toBe(0);
    expect(await readdir(join(folder, 'test'))).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it('What does not answer is told, and holds up nothing else', async () => {
    await put('', 'm-1');
    mock.on(GetMetricDataCommand).callsFake(() => new Promise(() => {}));
    await open();

    await page
      .locator('.problem', { hasText: 'The numbers cannot be read: No answer within 10 s' })
      .waitFor();
    await page.locator('.verdict', { hasText: /Dead letters that wait: \d/ }).waitFor();
  });

  it('What may not be read is told with what to do, and the rest is shown', async () => {
    mock
      .on(GetMetricDataCommand)
      .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDenied' }));
    stage.parameters.versions.clear();
    await open();

    await page.locator('.problem', { hasText: /numbers cannot be read.*Ask for the permissions/ }).waitFor();
    await page
      .locator('.problem', { hasText: /allowed rate cannot be read.*Store the settings first/ })
      .waitFor();
    await page.locator('.verdict', { hasText: 'What comes is not known' }).waitFor();
  });
});

it('A stage without queues is told at once, with what to do', async () => {
  const { code, err } = await relayCli(['console', '--stage', 'nowhere'], { env: stage.env });
  expect([code, err]).toEqual([1, expect.stringContaining('npx serverless info')]);
});

it('What is no port is none', async () => {
  const { code, err } = await stage.run('console --port 0');
  expect([code, err]).toEqual([2, expect.stringContaining('Give a port')]);
});
