// What GitHub reads can be read, and names what is there: nobody sees a mistake in it before the first change.

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const ROOT = resolve(__dirname, '../..');
const FOLDER = join(ROOT, '.github');

const readYaml = async (path: string) => parse(await readFile(join(FOLDER, path), 'utf8'));

const textsOfWorkflows = async (): Promise<string[]> => {
  const names = await readdir(join(FOLDER, 'workflows'));
  return Promise.all(names.map((name) => readFile(join(FOLDER, 'workflows', name), 'utf8')));
};

it('Every file of settings is YAML', async () => {
  const paths = (await readdir(FOLDER, { recursive: true })).filter((path) => path.endsWith('.yml'));

  expect(paths).toContain(join('workflows', 'check.yml'));
  for (const path of paths) expect(await readYaml(path)).toEqual(expect.any(Object));
});

it('Every change is checked by .ci/run, on the oldest Node that package.json promises and on that of Lambda', async () => {
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const { on, jobs } = await readYaml('workflows/check.yml');
  const { strategy, steps } = jobs.check;

  expect(Object.keys(on)).toContain('pull_request');
  expect(steps.at(-1)).toEqual({ run: '.ci/run' });
  expect(strategy.matrix.node).toEqual([/^>=(\d+\.\d+)/.exec(engines.node)?.[1], '24']);
});

it('Workflows start scripts that exist', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const started = (await textsOfWorkflows()).flatMap((text) =>
    [...text.matchAll(/npm (?:run )?(?!ci\b)(\w[\w:]*)/g)].map(([, name = '']) => name),
  );

  expect(started).toEqual(expect.arrayContaining(['mutation', 'chaos', 'fuzz', 'coverage']));
  expect(started.filter((name) => scripts[name] === undefined)).toEqual([]);
});

it('Every night mutates every scope', async () => {
  const text = await readFile(join(ROOT, 'test/mutation/scopes.mjs'), 'utf8');
  const scopes = [...text.matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name);
  const { jobs } = await readYaml('workflows/nightly.yml');

  expect(jobs.mutation.strategy.matrix.scope).toEqual(scopes);
});

it('Every package is kept up to date', async () => {
  const { updates } = await readYaml('dependabot.yml');
  const npm = updates.find((update: Record<string, unknown>) => update['package-ecosystem'] === 'npm');

  expect(npm.directories).toEqual(['/', '/test/mutation']);
  for (const directory of npm.directories) await readFile(join(ROOT, directory, 'package-lock.json'));
});
