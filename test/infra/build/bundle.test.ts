// The one file that `npx relay` runs, as `npm start` does its own: made of what stands there now, kept for the next time, and no loss where it
// cannot be kept.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { bundle, load } = require('../../../infra/build/bundle.js') as {
  bundle: (entry: string, stored: string) => string;
  load: (entry: string) => Readonly<Record<string, unknown>>;
};

const ENTRY = resolve(__dirname, '../../../infra/cli/main.ts');

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

const isMarked = (): boolean => bundle(ENTRY, stored).endsWith(MARK);

it('is made once, and taken from where it is kept as long as no file of it changes', async () => {
  const code = bundle(ENTRY, stored);
  expect(code === (await readFile(stored, 'utf8'))).toBe(true);
  await mark();
  expect(isMarked()).toBe(true);
});

it.each([
  ['has another size', (code: string) => code.replace(/("infra\/cli\/main\.ts",")\d+/, '$11')],
  ['was changed at another time', (code: string) => code.replace(/("lib\/errors\.ts","\d+ )[\d.]+/, '$11')],
  ['is gone', (code: string) => code.replace('"infra/cli/main.ts"', '"infra/cli/gone.ts"')],
])('is made anew when a file that went into it %s', async (_, change) => {
  bundle(ENTRY, stored);
  await mark(change);
  expect(isMarked()).toBe(false);
});

it('is made anew when what is kept is cut off', async () => {
  await writeFile(stored, '//[["infra/cli/main.ts"');
  expect(bundle(ENTRY, stored).length).toBeGreaterThan(100_000);
});

it('runs all the same where it cannot be kept', async () => {
  await writeFile(join(folder, 'a-file'), '');
  expect(bundle(ENTRY, join(folder, 'a-file/main.cjs')).length).toBeGreaterThan(100_000);
});

it('leaves each of our files the folder it stands in', async () => {
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib/other.ts'), 'export const place = __dirname;');
  await writeFile(join(folder, 'main.ts'), "import { place } from './lib/other';\nconsole.log(place);");
  expect(bundle(join(folder, 'main.ts'), stored)).toContain(`__dirname = "${join(folder, 'lib')}"`);
});

it('tells what is wrong with a file that cannot be made into one', async () => {
  await writeFile(join(folder, 'main.ts'), "import './gone';");
  expect(() => bundle(join(folder, 'main.ts'), stored)).toThrow('Could not resolve "./gone"');
});

it('gives what the file exports', () => {
  expect(load(resolve(__dirname, '../../../infra/deploy/plugin.ts'))).toEqual({
    DeployPlugin: expect.any(Function),
  });
});
