// The one file that `npx relay` runs: made of what stands there now, kept for the next time, and no loss where it
// cannot be kept.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { bundle } = require('../../../infra/cli/bundle.js') as {
  bundle: (stored: string, entry?: string) => Promise<{ readonly code: string }>;
};

let folder: string;
let stored: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-bundle-'));
  stored = join(folder, 'main.cjs');
});

afterEach(() => rm(folder, { recursive: true }));

const MARK = '\n// marked';

/** Marks what is stored, so that it is seen whether it was made anew. */
const mark = async (change: (code: string) => string = (code) => code): Promise<void> =>
  writeFile(stored, change(await readFile(stored, 'utf8')) + MARK);

const isMarked = async (): Promise<boolean> => (await bundle(stored)).code.endsWith(MARK);

it('is made once, and taken from where it is kept as long as no file of it changes', async () => {
  const { code } = await bundle(stored);
  expect(code === (await readFile(stored, 'utf8'))).toBe(true);
  await mark();
  expect(await isMarked()).toBe(true);
});

it.each([
  ['has another size', (code: string) => code.replace(/("infra\/cli\/main\.ts",")\d+/, '$11')],
  ['was changed at another time', (code: string) => code.replace(/("lib\/errors\.ts","\d+ )[\d.]+/, '$11')],
  ['is gone', (code: string) => code.replace('"infra/cli/main.ts"', '"infra/cli/gone.ts"')],
])('is made anew when a file that went into it %s', async (_, change) => {
  await bundle(stored);
  await mark(change);
  expect(await isMarked()).toBe(false);
});

it('is made anew when what is kept is cut off', async () => {
  await writeFile(stored, '//[["infra/cli/main.ts"');
  expect((await bundle(stored)).code.length).toBeGreaterThan(100_000);
});

it('runs all the same where it cannot be kept', async () => {
  await writeFile(join(folder, 'a-file'), '');
  expect((await bundle(join(folder, 'a-file/main.cjs'))).code.length).toBeGreaterThan(100_000);
});

it('leaves each of our files the folder it stands in', async () => {
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib/other.ts'), 'export const place = __dirname;');
  await writeFile(join(folder, 'main.ts'), "import { place } from './lib/other';\nconsole.log(place);");
  const { code } = await bundle(stored, join(folder, 'main.ts'));
  expect(code).toContain(`__dirname = "${join(folder, 'lib')}"`);
});
