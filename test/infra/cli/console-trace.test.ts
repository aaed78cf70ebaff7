// What became of an event or a person, in the console of a stage: asked for by hand and in a real browser, with the
// archive in the in-process S3 behind a gate, Athena's stand-in, and dead letters on the in-process SQS.

import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { mockClient } from 'aws-sdk-client-mock';
import { stop as stopEsbuild } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { partitionOf } from '../../../infra/archive/layout';
import { Forgotten } from '../../../infra/cli/archive/forgotten';
import type { Traced, TraceNews, TraceProgress } from '../../../infra/console/contract';
import {
  type ArchivedStage,
  type StoredLine,
  startArchivedStage,
  stopStandIn,
  storeLine,
} from '../../support/archived-stage';
import { startBrowser, type TestBrowser } from '../../support/browser';
import { standInForCloudWatch } from '../../support/cloud-watch';
import { startServer, type TestServer } from '../../support/http-server';
import { ROOT } from '../../support/running-stack';
import { type StageConsole, startStageConsole } from '../../support/stage-console';
import { until } from '../../support/until';

const DAY_MS = 86_400_000;
const EVIL = '<img src=x onerror=alert(1)>\u202eb';

let world: ArchivedStage;
let gate: Gate;
let env: Record<string, string>;
let running: StageConsole;
let cloudWatch: ReturnType<typeof standInForCloudWatch>;
const athena = mockClient(AthenaClient);

/** Stands before the emulator: what is read of the bucket can be held up, or refused, and no queue is waited for. */
interface Gate {
  readonly server: TestServer;
  /** Objects of events that were asked for. */
  asked: number;
  does: 'pass' | 'hold' | 'refuse';
  /** Whether an empty queue is waited for. */
  waits: boolean;
}

const startGate = async (behind: string): Promise<Gate> => {
  const server = await startServer(async (request, response) => {
    const { url: path = '', method = '' } = request;
    const isEvents = method === 'GET' && path.includes('/events/') && !path.includes('list-type');
    if (isEvents) gate.asked += 1;
    if (isEvents && gate.does === 'hold') return;
    if (isEvents && gate.does === 'refuse') {
      response.writeHead(403, { 'content-type': 'application/xml' });
      return void response.end('<Error><Code>AccessDenied</Code><Message>not yours</Message></Error>');
    }
    const answer = await fetch(behind + path, {
      method,
      ...(method === 'POST' && (await askedOfQueue(request))),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  });
  const gate: Gate = { server, asked: 0, does: 'pass', waits: false };
  return gate;
};

const askedOfQueue = async (request: IncomingMessage): Promise<RequestInit> => {
  const text = (await request.toArray()).join('');
  const names = ['content-type', 'x-amz-target', 'authorization'];
  return {
    headers: names.map((name): [string, string] => [name, String(request.headers[name])]),
    body: gate.waits ? text : text.replace('"WaitTimeSeconds":1', '"WaitTimeSeconds":0'),
  };
};

const archive = (line: StoredLine): Promise<void> => storeLine(world.store, line);

const keys = (name: string, archived: string) => ({
  ...{ name, writeKey: name, siteId: name, apiKey: 'secret-api-key', archive: archived },
});

beforeAll(async () => {
  world = await startArchivedStage();
  gate = await startGate(world.stage.sqs.endpoint);
  env = { AWS_ENDPOINT_URL_S3: gate.server.url, AWS_ENDPOINT_URL_SQS: gate.server.url };
  Object.assign(process.env, env);
  cloudWatch = standInForCloudWatch([]);
  world.stage.setSources([keys('shop', 'events'), keys('blog', 'none'), keys('app', 'outcomes')]);
  await archive({
    messageId: 'm-1',
    ago: 2 * DAY_MS,
    type: 'identify',
    event: { type: 'identify', userId: 'u1', anonymousId: 'anon-1', traits: { email: 'ada@example.com' } },
  });
  await archive({
    ...{
      messageId: 'm-2',
      type: 'track',
      outcome: 'skipped',
      reason: 'excluded_by_rule',
      detail: 'no robots',
    },
    event: '{"type":"track","userId":"u1","event":"Robot Seen","properties":{"serial":12345678901234567890}}',
  });
  await archive({
    ...{ messageId: 'm-3', type: 'track', outcome: 'dead_lettered', reason: 'missing_event_name' },
    ...{ detail: 'event: expected a string', attempts: 3, ago: DAY_MS / 2 },
    event: { type: 'track', userId: 'u1' },
  });
  await archive({
    messageId: 'm-4',
    ago: 20 * DAY_MS,
    event: { type: 'track', userId: 'u1', event: 'Long Ago' },
  });
  await archive({
    ...{ messageId: 'changed', eventChanged: true },
    event: { type: 'track', userId: 'u9', event: 'Invited', properties: { by: 'forgotten' } },
  });
  await archive({
    messageId: 'wordy',
    event: { type: 'track', userId: 'w'.repeat(5_000), event: 'long '.repeat(5_000) },
  });
  await archive({ messageId: 'm-5', eventLeftOut: 'consent_refused', type: 'track' });
  await archive({ messageId: 'evil', type: 'track', event: { type: 'track', userId: EVIL, event: EVIL } });
  await archive({ messageId: 'gone', event: { type: 'track', userId: 'forgotten-one', event: 'Secret' } });
  const forgotten = await Forgotten.open(world.store);
  await forgotten.add(new Set([forgotten.fingerprintOf('forgotten-one')]), new Date());
  await world.stage.put('dead-letters', '{"type":"track","userId":"u1","messageId":"m-3"}', {
    reason: 'missing_event_name',
    detail: 'event: expected a string',
    source: 'shop',
    messageId: 'm-3',
    failedAt: new Date().toISOString(),
  });
  running = await startStageConsole(world.stage, '', { env });
});

beforeEach(() => {
  athena.reset();
  gate.does = 'pass';
  gate.asked = 0;
  gate.waits = false;
});

afterAll(async () => {
  await running?.end();
  cloudWatch?.restore();
  await Promise.all([world?.stop(), gate?.server.close(), stopStandIn(), stopEsbuild()]);
});

interface Answer {
  readonly progress: readonly TraceProgress[];
  readonly traced?: Traced;
  readonly problem?: string;
}

const trace = async (
  query: Record<string, string>,
  url = running.url,
  signal?: AbortSignal,
): Promise<Answer> => {
  const path = `${url}console/api/trace?${new URLSearchParams(query)}`;
  const text = await (await fetch(path, signal && { signal })).text();
  const news = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceNews);
  const ended = news.find((one) => !('progress' in one));
  return { ...ended, progress: news.flatMap((one) => ('progress' in one ? [one.progress] : [])) };
};

const scanned = async (wanted: string, query: Record<string, string> = {}): Promise<Traced> => {
  const { traced, problem } = await trace({ wanted, scans: 'true', ...query });
  if (traced === undefined) throw new Error(problem);
  return traced;
};

describe('Asked for by hand', () => {
  it('A person’s last events are told newest first, with the dead letters, the queue, and their other ids', async () => {
    const { lines, letters, queue, archived, alsoNamed, problems, isCut, isWhole } = await scanned('u1');

    expect(lines.map(({ messageId, fate, reason }) => [messageId, fate, reason])).toEqual([
      ['m-3', 'dead_lettered', 'missing_event_name'],
      ['m-2', 'skipped', 'excluded_by_rule'],
      ['m-1', 'delivered', ''],
    ]);
    expect(lines[1]?.event).toContain('12345678901234567890');
    expect(letters).toMatchObject([{ reason: 'missing_event_name', messageId: 'm-3', source: 'shop' }]);
    expect(queue).toEqual({ waiting: 0, inFlight: 0 });
    expect(alsoNamed.toSorted()).toEqual(['ada@example.com', 'anon-1']);
    expect(archived.map(({ source, what }) => `${source} ${what}`)).toEqual([
      'shop events',
      'blog none',
      'app outcomes',
    ]);
    expect([problems, isCut, isWhole]).toEqual([[], false, true]);
  });

  it('How far back, until when and of which source are heeded, and so is how many', async () => {
    const until = new Date(Date.now() - 1.5 * DAY_MS).toISOString();

    expect((await scanned('u1', { since: '30d', until })).lines.map(({ messageId }) => messageId)).toEqual([
      'm-1',
      'm-4',
    ]);
    expect((await trace({ wanted: 'u1', source: 'shpo', scans: 'true' })).traced?.problems).toEqual([
      'No source "shpo" is in the settings, nor in s3://archive-of-test.',
    ]);
  });

  it.each([
    [{ wanted: ' ' }, 'Give a messageId'],
    [{ wanted: 'x'.repeat(1_001) }, 'This has 1001 characters'],
    [{ wanted: 'u1', since: 'yesterday' }, '“yesterday” is no time'],
    [{ wanted: 'u1', since: '1h', until: '2h' }, 'is not before its end'],
    [{ wanted: 'u1', since: '2001-01-01' }, 'over ten years ago'],
    [{ wanted: 'u1', since: '9999999999999999d' }, 'over ten years ago'],
  ])('What is no query is told: %j', async (query, words) => {
    expect((await trace(query)).problem).toContain(words);
  });

  it('Who was forgotten is not found, by whatever is asked for', async () => {
    expect((await scanned('forgotten-one')).lines).toEqual([]);
    expect((await scanned('gone')).lines).toEqual([]);
  });

  it('Why an event is not there is told, also where all of them are more than a page can hold', async () => {
    const { lines } = await scanned('m-5');
    const receivedAt = new Date(Date.now() - DAY_MS).toISOString();
    const large = Array.from({ length: 60 }, (_, number) =>
      JSON.stringify({
        ...{ receivedAt, endedAt: receivedAt, source: 'shop', workspace: 'eu', outcome: 'delivered' },
        messageId: `large-${number}`,
        event: { type: 'track', userId: 'large', properties: { text: 'x'.repeat(290_000) } },
      }),
    );
    await world.store.write(`${partitionOf('shop', receivedAt)}large.gz`, gzipSync(large.join('\n')));
    const bounded = (await scanned('large', { limit: '100' })).lines;

    expect(lines).toMatchObject([{ messageId: 'm-5', leftOut: 'consent_refused', people: [] }]);
    expect(bounded).toHaveLength(60);
    expect(bounded[0]).toMatchObject({ source: 'shop/eu', event: expect.stringContaining('xxx') });
    expect(bounded.slice(-1)).toEqual([
      expect.objectContaining({ leftOut: 'too_many', people: ['large'], source: 'shop/eu' }),
    ]);
    expect(bounded.at(-1)).not.toHaveProperty('event');
  });

  it('Athena is asked, and what it read is told', async () => {
    athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: 'q' });
    athena.on(GetQueryExecutionCommand).resolves({
      QueryExecution: { Status: { State: 'SUCCEEDED' }, Statistics: { DataScannedInBytes: 5e9 } },
    });
    athena.on(GetQueryResultsCommand).resolves({ ResultSet: { Rows: [] } });
    const { traced, progress } = await trace({ wanted: "x' OR '1'='1", limit: '100' });

    expect(traced).toMatchObject({ lines: [], athenaBytes: 5e9, problems: [] });
    expect(progress).toContainEqual({ of: 'archive', words: 'Athena is asked about 3 sources' });
    const [query] = athena.commandCalls(StartQueryExecutionCommand);
    expect(query?.args[0].input.QueryString).toContain("messageid = 'x'' OR ''1''=''1'");
    expect(query?.args[0].input.QueryString).toContain('LIMIT 1000');
    expect(gate.asked).toBe(0);
  });

  it('Where Athena or the bucket refuses, that is told with what to do, and the rest all the same', async () => {
    athena
      .on(StartQueryExecutionCommand)
      .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' }));
    const { traced } = await trace({ wanted: 'u1' });
    gate.does = 'refuse';
    const refused = await scanned('u1');

    expect(traced?.problems).toEqual([
      'Athena did not answer: AccessDeniedException: not authorized. The permissions that it takes are in docs/archive.md. Read the objects themselves instead.',
    ]);
    expect(refused.problems).toEqual([
      'The archive cannot be read: s3://archive-of-test may not be read: AccessDenied: not yours. Ask for the permissions that docs/archive.md lists.',
    ]);
    expect([traced?.letters.length, refused.letters.length]).toEqual([1, 1]);
    expect([traced?.isWhole, refused.isWhole]).toEqual([false, false]);
  });

  it('A stage without an archive has its dead letters all the same', async () => {
    const name = '/cio-relay/test/archive';
    const place = world.stage.parameters.versions.get(name) ?? [];
    world.stage.parameters.versions.delete(name);
    const own = await startStageConsole(world.stage, '', { env });
    const { traced } = await trace({ wanted: 'u1' }, own.url);
    world.stage.parameters.versions.set(name, place);
    await own.end();

    expect(traced?.problems).toEqual([expect.stringContaining('This stage has no archive')]);
    expect(traced?.letters).toHaveLength(1);
  });

  it('A search that nobody waits for reads nothing more, and the next one waits until then', async () => {
    for (let index = 0; index < 20; index += 1)
      await archive({ messageId: `crowd-${index}`, ago: 25 * DAY_MS, event: { userId: 'crowd' } });
    gate.does = 'hold';
    gate.waits = true;
    const leaving = new AbortController();
    const first = trace({ wanted: 'u1', scans: 'true', since: '30d' }, running.url, leaving.signal);
    await until(() => gate.asked > 0);
    const second = trace({ wanted: 'm-3', scans: 'true' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const askedByTheFirst = gate.asked;
    gate.does = 'pass';
    leaving.abort();

    await expect(first).rejects.toThrow('abort');
    const { traced, progress } = await second;
    expect(askedByTheFirst).toBeLessThan(20);
    expect(progress[0]?.words).toBe('waits until another search of this console has ended');
    expect(traced?.lines.map(({ messageId }) => messageId)).toEqual(['m-3']);
    // What was being received when the first one was given up would be hidden for two minutes.
    expect(traced?.letters).toHaveLength(1);
  });

  it('Only this console’s own page may ask', async () => {
    const path = `${running.url}console/api/trace?wanted=u1`;
    const { status } = await fetch(path, { headers: { origin: 'https://evil.example' } });
    const withoutToken = await fetch(`${new URL(path).origin}/console/api/trace?wanted=u1`);

    expect([status, withoutToken.status]).toEqual([403, 403]);
    expect((await fetch(path, { method: 'POST' })).status).toBe(404);
  });
});

declare const location: { hash: string };
declare const axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };

describe('In a browser', () => {
  let browser: TestBrowser;
  let visitor: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    visitor = await browser.newVisitor({ locale: 'en-US', viewport: { width: 1280, height: 800 } });
    page = await visitor.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(running.url);
    await page.locator('h1').waitFor();
  });

  afterAll(() => browser?.close());

  const goTo = (hash: string): Promise<void> =>
    page.evaluate((next) => {
      location.hash = next;
    }, hash);

  const status = (words: string | RegExp) => page.getByRole('status').filter({ hasText: words }).waitFor();

  it('By the keyboard alone a person is searched for, a line is opened, and its event read to the last digit', async () => {
    await page.getByRole('link', { name: 'Trace', exact: true }).press('Enter');
    await page.getByText('Give a messageId, a userId').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('u1');
    await page.getByLabel('Read the objects').check();
    await page.getByLabel('messageId or person').press('Enter');

    await status('Found 3 lines and 1 dead letter');
    const rows = page.getByLabel('Lines of the archive, newest first').locator('tbody tr');
    await expect(rows.first().textContent()).resolves.toMatch(/dead letter.*missing_event_name.*attempt 3/);
    await rows.nth(1).getByRole('link').first().press('Enter');
    const panel = page.locator('.panel');
    await panel.getByText('12345678901234567890').waitFor();
    await panel.locator('.meaning', { hasText: 'A rule of the source keeps it out' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('A link leads to the same search and the same line, and its dead letter to the page of dead letters', async () => {
    await goTo('#/trace/u1?scans=true');
    await status('Found 3 lines');
    await page.locator('tbody a').first().click();
    await page.locator('.panel h2').waitFor();
    const other = await visitor.newPage();
    await other.goto(page.url());
    await other.locator('.panel .meaning', { hasText: 'Add `event` here'.replaceAll('`', '') }).waitFor();
    await other.keyboard.press('Escape');
    await other
      .locator('section', { hasText: 'Dead letters' })
      .getByRole('link', { name: 'missing_event_name' })
      .last()
      .click();
    await other.locator('.panel', { hasText: 'Letter 1 of 1' }).waitFor();
    await other.getByRole('link', { name: 'its way' }).click();
    await other.locator('h1', { hasText: 'Trace' }).waitFor();
    await expect(other.getByLabel('messageId or person').inputValue()).resolves.toBe('m-3');
    await other.close();
  });

  it('Of an event that is not as it was sent any more, the page says so, and why', async () => {
    await goTo('#/trace/changed?scans=true');
    await status('Found 1 line');
    await page.locator('tbody a').first().click();
    await page.locator('.panel .note', { hasText: 'mentioned somebody who was forgotten since' }).waitFor();
    await goTo('#/trace/m-2?scans=true');
    await status('Found 1 line');
    await page.locator('tbody a').first().click();
    await page.locator('.panel h2').waitFor();

    expect(await page.locator('.panel').textContent()).not.toContain('forgotten');
    await page.keyboard.press('Escape');
  });

  it('A name or an id of any length leaves room for the other lines', async () => {
    await goTo('#/trace/wordy?scans=true');
    await status('Found 1 line');

    expect((await page.locator('tbody tr').boundingBox())?.height).toBeLessThan(150);
  });

  it('An email leads to the events that do not have it', async () => {
    await goTo('#/trace/ADA%40example.com?scans=true');
    await status('Found 1 line and 0 dead letters');
    await page.getByRole('link', { name: 'u1', exact: true }).click();

    await status('Found 3 lines');
  });

  it('What is found stays found, and is searched for again only when that is asked for', async () => {
    await goTo('#/trace/m-2?scans=true');
    await status('Found 1 line');
    const { asked } = gate;
    await goTo('#/codes');
    await page.locator('code', { hasText: 'npx relay doctor --stage test' }).first().waitFor();
    await page.goBack();
    await status('Found 1 line');
    expect(gate.asked).toBe(asked);

    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await until(() => gate.asked > asked);
    await status('Found 1 line');
  });

  it('A slow search shows how far it is, and is cancelled', async () => {
    gate.does = 'hold';
    await goTo('#/trace/u1?scans=true&since=30d');
    await page.locator('.progress', { hasText: /objects? listed/ }).waitFor();
    await until(() => gate.asked > 0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await status('Cancelled: nothing more is read.');

    gate.does = 'pass';
    await page.getByRole('button', { name: 'Search again' }).click();
    await status('Found 4 lines');
  });

  it('Where Athena refuses, that is said, and the objects are read instead', async () => {
    athena.on(StartQueryExecutionCommand).rejects(new Error('Queries of this group may read no more today'));
    await goTo('#/trace/m-1');
    await page
      .locator('.problem', { hasText: 'may read no more today. Read the objects themselves instead.' })
      .waitFor();
    await status('Found 0 lines and 0 dead letters at');
    expect(await page.getByText('Nothing of it in the archive').count()).toBe(0);
    await page.getByLabel('Read the objects').check();
    await page.getByRole('button', { name: 'Search', exact: true }).click();

    await status('Found 1 line');
    expect(athena.commandCalls(StopQueryExecutionCommand)).toHaveLength(0);
  });

  it('Where nothing is found, it says where else to look', async () => {
    await goTo('#/trace/nobody?scans=true');
    const empty = page.locator('.empty', { hasText: 'Nothing of it in the archive' });

    await expect(empty.textContent()).resolves.toMatch(
      /five minutes.*Look further back.*Nothing is archived of blog.*outcomes alone are archived of app.*refused/s,
    );
  });

  it('An address as nobody would write it is one of a search', async () => {
    for (const [hash, shown] of [
      ['#/trace/%', '%'],
      ['#/trace/a%0Ab', 'ab'],
      ['#/trace/__proto__', '__proto__'],
      ['#/trace/..%2F..%2Finfo%3Fa=b%23c', '../../info?a=b#c'],
      [`#/trace/${encodeURIComponent('<b>\u202ex')}`, '<b>\u202ex'],
      ['#/trace/constructor', 'constructor'],
    ] as const) {
      await goTo(`${hash}?scans=true&line=%&limit=-1&since=1h&source=%FF&until=x`);
      await status('“x” is no time');
      expect(await page.getByLabel('messageId or person').inputValue()).toBe(shown);
    }
    await goTo('#/trace/__proto__?scans=true&line=__proto__');
    await status('Found 0 lines');
    await page.locator('.panel h2', { hasText: '“__proto__” is not here' }).waitFor();
  });

  it('Of a name that is too long it is said, and what an event holds is shown as text', async () => {
    await goTo(`#/trace/${'x'.repeat(5_000)}`);
    await status('This has 5000 characters');
    await goTo('#/trace/evil?scans=true');
    await status('Found 1 line');
    await page.locator('tbody a').first().click();

    await expect(page.locator('.panel h2').textContent()).resolves.toContain(
      '<img src=x onerror=alert(1)>\\u202eb',
    );
    expect(await page.locator('main img').count()).toBe(0);
  });

  it('axe-core finds nothing, light and dark, on a desk and on a phone, and a phone need not scroll sideways', async () => {
    const session = await visitor.newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await goTo('#/trace');
    await page.reload();
    await page.addScriptTag({ path: join(ROOT, 'node_modules/axe-core/axe.min.js') });
    const look = async (name: string, width: number, colorScheme: 'light' | 'dark'): Promise<void> => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await page.evaluate(() => axe.run());
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      expect([name, width, colorScheme, found]).toEqual([name, width, colorScheme, []]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    };
    await page.getByText('Give a messageId').waitFor();
    await look('nothing asked for', 390, 'dark');
    await goTo('#/trace/nobody?scans=true&since=1h');
    await status('Found 0 lines');
    await look('nothing found', 390, 'light');
    await goTo('#/trace/u1?scans=true');
    await status('Found 3 lines');
    await look('found', 390, 'light');
    await page.locator('tbody a').first().click();
    await page.locator('.panel h2').waitFor();
    await look('opened', 390, 'dark');
    await look('found and opened', 1280, 'light');
    await look('found and opened', 1280, 'dark');
    gate.does = 'hold';
    await goTo(`#/trace/u1?scans=true&since=${new Date(Date.now() - 3 * DAY_MS).toISOString()}`);
    await page.locator('.progress', { hasText: 'listed' }).waitFor();
    await look('searching', 1280, 'light');
  });

  it('No page complained', () => {
    expect(complaints).toEqual([]);
  });
});
