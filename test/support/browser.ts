// A real headless Chromium out of an npm package, so that a fresh machine needs nothing else. The package is for
// Linux on x64; elsewhere CHROMIUM_PATH names a Chromium or Chrome of the machine's own.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { ROOT } from './running-stack';

export interface TestBrowser {
  /** One who was never here before, and trusts the certificates that tests make for themselves. */
  newVisitor(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export const startBrowser = async (): Promise<TestBrowser> => {
  const folder = await mkdtemp(join(tmpdir(), 'cio-relay-chromium-'));
  const executablePath = process.env['CHROMIUM_PATH'] || (await unpackChromium(folder));
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox'],
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib') },
  });
  return {
    newVisitor: (options) => browser.newContext({ ignoreHTTPSErrors: true, ...options }),
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true });
    },
  };
};

const UNPACK =
  "import chromium from '@sparticuz/chromium'; process.stdout.write(await chromium.executablePath())";

/**
 * In a process of its own: the package unpacks into the folder for temporary files, and would take what a killed
 * run left there. Told that it runs on Lambda, it unpacks the libraries that Chromium needs as well.
 */
const unpackChromium = async (folder: string): Promise<string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `There is no Chromium for ${process.platform} on ${process.arch} here: set CHROMIUM_PATH to yours.`,
    );
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: ROOT,
    env: { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
  });
  return stdout;
};
