// A real headless Chromium out of an npm package, so that a fresh machine needs nothing else. The package is for
// Linux on x64; elsewhere CHROMIUM_PATH names a Chromium or Chrome of the machine's own.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { ROOT } from './running-stack';
import { GIVE_UP_MS } from './until';

export interface TestBrowser {
  /** One who was never here before, and trusts the certificates that tests make for themselves. */
  newVisitor(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export const startBrowser = async (): Promise<TestBrowser> => {
  const folder = process.env['CHROMIUM_PATH'] ? '' : await unpackedChromium();
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] || join(folder, 'chromium'),
    args: ['--no-sandbox'],
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib') },
  });
  return {
    newVisitor: async (options) => {
      const visitor = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
      visitor.setDefaultTimeout(GIVE_UP_MS);
      return visitor;
    },
    close: () => browser.close(),
  };
};

const CACHE = join(ROOT, 'node_modules/.cache');

/** Unpacking takes seconds and two hundred megabytes: once for each version, for all tests of all runs. */
const unpackedChromium = async (): Promise<string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `There is no Chromium for ${process.platform} on ${process.arch} here: set CHROMIUM_PATH to yours.`,
    );
  }
  const { version } = JSON.parse(
    await readFile(join(ROOT, 'node_modules/@sparticuz/chromium/package.json'), 'utf8'),
  ) as { readonly version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder);
  return folder;
};

const UNPACK =
  "import chromium from '@sparticuz/chromium'; process.stdout.write(await chromium.executablePath())";

/**
 * Beside it first, then moved there as a whole: what a killed run has left is never taken. In a process of its own,
 * because the package unpacks into the folder for temporary files. Told that it runs on Lambda, it unpacks the
 * libraries that Chromium needs as well.
 */
const unpackInto = async (folder: string): Promise<void> => {
  await mkdir(CACHE, { recursive: true });
  const beside = await mkdtemp(`${folder}-`);
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: ROOT,
    env: { TMPDIR: beside, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
  });
  try {
    await rename(beside, folder);
  } catch {
    // Another test was faster.
    await rm(beside, { recursive: true });
  }
};
