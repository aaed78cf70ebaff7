// What others wrote and this project runs: few packages, each with a reason, under licences that allow it, and
// none that runs code of its own when it is installed unless it is named.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Permissive licences: they ask for their notice to be kept and for nothing else. */
const ALLOWED_LICENCES = ['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];
const MAX_PRODUCTION_PACKAGES = 80;
/** Each package of this repository has a lock file of its own. */
const PACKAGES = ['.', 'test/mutation'];

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

const locked = async (root = '.'): Promise<[folder: string, Locked][]> => {
  const { packages } = (await readJson(join(root, 'package-lock.json'))) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(packages).filter(([folder]) => folder !== '');
};

const production = async (): Promise<[folder: string, Locked][]> =>
  (await locked()).filter(([, { dev, devOptional }]) => !dev && !devOptional);

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 13);

/** An expression offers a choice: `(MIT OR CC0-1.0)`. */
const isAllowed = (licence: string): boolean =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => ALLOWED_LICENCES.includes(choice));

/** The words by which the MIT licence grants what it grants. */
const MIT_GRANT =
  /Permission is hereby granted, free of charge, to any person obtaining a copy .* without restriction, .* subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED .AS IS./;

/** Some packages name no licence but the file that holds it: then its text decides. */
const licenceOf = async (folder: string, { license = 'none' }: Locked): Promise<string> => {
  const [, file] = /^SEE LICENSE IN (.+)$/.exec(license) ?? [];
  if (file === undefined) return license;
  const text = await readFile(join(ROOT, folder, file), 'utf8');
  return MIT_GRANT.test(text.replace(/\s+/g, ' ')) ? 'MIT' : license;
};

it.each(PACKAGES)(
  'Every package of %s is locked to its content, but for those of other platforms',
  async (root) => {
    const open = (await locked(root)).filter(
      ([, { integrity, optional }]) => integrity === undefined && !optional,
    );

    expect(open.map(([folder]) => folder)).toEqual([]);
  },
);

it('What is deployed is few packages, each under a permissive licence', async () => {
  const packages = await production();
  const licences = await Promise.all(
    packages.map(async ([folder, entry]) => [folder, await licenceOf(folder, entry)] as const),
  );

  expect(licences.filter(([, licence]) => !isAllowed(licence))).toEqual([]);
  expect(packages.length).toBeLessThanOrEqual(MAX_PRODUCTION_PACKAGES);
});

it('What travels with a function as files comes from a dependency, not from a tool', async () => {
  const { dependencies } = await readJson('package.json');
  const template = await readFile(join(ROOT, 'serverless.yml'), 'utf8');
  const shipped = [...template.matchAll(/^ +- node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(
    ([, name]) => name,
  );

  expect(shipped).toContain('@segment/analytics-next');
  expect(shipped.filter((name) => !Object.keys(dependencies).includes(name ?? ''))).toEqual([]);
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

it('The mutation tests install nothing that runs code of its own', async () => {
  expect((await locked('test/mutation')).filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
});

it('Who only wants to run or test this need not install the mutation tests', async () => {
  expect((await locked()).filter(([folder]) => folder.includes('@stryker-mutator/'))).toEqual([]);
});
