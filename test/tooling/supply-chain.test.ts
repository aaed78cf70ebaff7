// What others wrote and this project runs: few packages, each with a reason, under licences that allow it, and
// none that runs code of its own when it is installed unless it is named.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Permissive licences: they ask for their notice to be kept and for nothing else. */
const ALLOWED_LICENCES = ['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];
const MAX_PRODUCTION_PACKAGES = 60;

interface Locked {
  readonly integrity?: string;
  /** Of its own package.json, as npm read it. */
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const readJson = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8'));

const locked = async (): Promise<[folder: string, Locked][]> => {
  const { packages } = (await readJson('package-lock.json')) as { packages: Record<string, Locked> };
  return Object.entries(packages).filter(([folder]) => folder !== '');
};

const production = async (): Promise<[folder: string, Locked][]> =>
  (await locked()).filter(([, { dev, devOptional }]) => !dev && !devOptional);

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 13);

/** An expression offers a choice: `(MIT OR CC0-1.0)`. */
const isAllowed = (licence = 'none'): boolean =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => ALLOWED_LICENCES.includes(choice));

it('Every package is locked to its content, but for those of other platforms', async () => {
  const open = (await locked()).filter(([, { integrity, optional }]) => integrity === undefined && !optional);

  expect(open.map(([folder]) => folder)).toEqual([]);
});

it('What is deployed is few packages, each under a permissive licence', async () => {
  const packages = await production();

  expect(packages.filter(([, { license }]) => !isAllowed(license))).toEqual([]);
  expect(packages.length).toBeLessThanOrEqual(MAX_PRODUCTION_PACKAGES);
});

it('docs/security.md gives a reason for every dependency, and for no other', async () => {
  const { dependencies } = await readJson('package.json');
  const text = await readFile(join(ROOT, 'docs/security.md'), 'utf8');
  const [, section = ''] = text.split('\n## What others wrote\n');
  const listed = [...section.matchAll(/^\| `([^`]+)` +\| .+ \|$/gm)].map(([, name]) => name);

  expect(listed.sort()).toEqual(Object.keys(dependencies).sort());
});

it('Nothing that is deployed runs code when it is installed, and every other package that would is decided on', async () => {
  const { allowScripts } = await readJson('package.json');
  const withScripts = (await locked()).filter(([, { hasInstallScript }]) => hasInstallScript);

  expect(withScripts.filter(([, { dev, devOptional }]) => !dev && !devOptional)).toEqual([]);
  expect(Object.keys(allowScripts).sort()).toEqual(withScripts.map(([folder]) => nameOf(folder)).sort());
});
