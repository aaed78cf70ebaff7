// The playground is the editor alone: a folder that any static host serves, and that asks nobody anything.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { stop as stopEsbuild } from 'esbuild';
import { buildPlayground } from '../../../infra/build/build-playground';
import { startBrowser, type TestBrowser } from '../../support/browser';
import { startServer, type TestServer } from '../../support/http-server';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

let folder: string;
let host: TestServer;
let browser: TestBrowser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cio-relay-playground-'));
  await buildPlayground(folder);
  host = await startServer(async ({ url = '' }, response) => {
    const name = url.replace('/somewhere/', '') || 'index.html';
    response.setHeader('content-type', TYPES[extname(name)] ?? 'text/plain');
    response.end(await readFile(join(folder, name)));
  });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await host?.close();
  await rm(folder, { recursive: true });
  await stopEsbuild();
});

it('Under any path an event is translated in the page, and nothing but its own files is asked for', async () => {
  const page = await (await browser.newVisitor({ locale: 'en-US' })).newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url().replace(`${host.url}/somewhere/`, '')));
  await page.goto(`${host.url}/somewhere/`);

  await page.getByLabel('Event as JSON').fill('{"type":"track","userId":"ü","event":"Tried"}');

  await page.locator('.try-right .json', { hasText: '"name": "Tried"' }).first().waitFor();
  await expect(page.getByRole('button', { name: 'Send' }).count()).resolves.toBe(0);
  expect(asked.filter((url) => !url.startsWith('data:'))).toEqual(['', 'app.css', 'app.js']);
});

it('Opened as a file, without any host, it is the same', async () => {
  const page = await (await browser.newVisitor({ locale: 'en-US' })).newPage();
  await page.goto(`file://${join(folder, 'index.html')}`);

  await page.getByLabel('Event as JSON').fill('{"type":"track","userId":"u1","event":"From A File"}');

  await page.locator('.try-right .json', { hasText: '"name": "From A File"' }).first().waitFor();
});

it('What the page puts in place of node:crypto and Buffer makes the same operations as Node does', async () => {
  const { translate } = await import('../../../lib/mapping/translate');
  const event = {
    type: 'page',
    userId: 'u1',
    messageId: 'grüße-🎉',
    timestamp: '2026-01-01T00:00:00.000Z',
    name: `${'é'.repeat(80)} end`,
  };
  const page = await (await browser.newVisitor({ locale: 'en-US' })).newPage();
  await page.goto(`${host.url}/somewhere/`);
  await page.getByLabel('Event as JSON').fill(JSON.stringify(event));

  const shown = page.locator('.try-right .json', { hasText: '"action": "page"' }).first();
  await shown.waitFor();

  const expected = translate(event, { convertTimestamps: true, workspaceIdentifiers: 'email_or_id' });
  expect(JSON.parse((await shown.textContent()) ?? '')).toEqual(
    expected.outcome === 'operations' ? expected.operations[0] : expected,
  );
});
