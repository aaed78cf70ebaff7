// `serverless package`, as a deployment runs it, and the CloudFormation it makes. Of the same sources and the same options
// it is run once, whichever suite asks: what it has made is kept in a folder that no test may write to.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export type Resources = Readonly<Record<string, Resource>>;

/** osls packages into `.serverless`, wherever the result goes in the end: one at a time, whichever test asks. */
const LOCK = join(ROOT, '.esbuild', 'packaging.lock');
const LOCK_IS_STALE_AFTER_MS = 60_000;
const TRY_AGAIN_AFTER_MS = 100;

const locked = async <T>(work: () => Promise<T>): Promise<T> => {
  await mkdir(dirname(LOCK), { recursive: true });
  while (!(await takeLock())) await setTimeout(TRY_AGAIN_AFTER_MS);
  return work().finally(() => rm(LOCK, { recursive: true, force: true }));
};

/** Making a folder is all or nothing. What a process that was killed has left is taken over. */
const takeLock = async (): Promise<boolean> => {
  try {
    await mkdir(LOCK);
    return true;
  } catch {
    const { mtimeMs } = await stat(LOCK).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > LOCK_IS_STALE_AFTER_MS) await rm(LOCK, { recursive: true, force: true });
    return false;
  }
};

/** Without any AWS setting of the machine. @throws Error with `code` and `stderr`. */
export const serverless = (...parameters: readonly string[]) => locked(() => run(parameters));

const OSLS = join(ROOT, 'node_modules/serverless/bin/serverless.js');

const run = (parameters: readonly string[]) =>
  promisify(execFile)(process.execPath, [OSLS, ...parameters], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NO_COLOR: '1',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    },
  });

export type StageOptions = Readonly<Record<string, string>>;

export interface Package {
  /** Holds the template, the state and a zip for each function. To be read only. */
  readonly folder: string;
  readonly resources: Resources;
}

/** The stage `prod`, with `options` instead of its own parameters. */
export const packageStage = async (options: StageOptions = {}): Promise<Package> => {
  const folder = join(KEPT, await keyOf(options));
  const template = join(folder, 'cloudformation-template-update-stack.json');
  await locked(async () => {
    if (!(await exists(template))) await packageInto(folder, options);
  });
  const { Resources: resources } = JSON.parse(await readFile(template, 'utf8')) as { Resources: Resources };
  return { folder, resources };
};

const KEPT = join(ROOT, '.esbuild', 'packages');
const FORGOTTEN_AFTER_MS = 3_600_000;

/** Half a package is none: it gets its name when it is whole. */
const packageInto = async (folder: string, options: StageOptions): Promise<void> => {
  await forgetOld();
  const overrides = Object.entries(options).map(([name, value]) => `--param=${name}=${value}`);
  const unfinished = `${folder}.unfinished`;
  await run(['package', '--stage', 'prod', '--package', unfinished, ...overrides]);
  await rename(unfinished, folder);
};

const forgetOld = async (): Promise<void> => {
  await mkdir(KEPT, { recursive: true });
  for (const name of await readdir(KEPT)) {
    const { mtimeMs } = await stat(join(KEPT, name));
    if (Date.now() - mtimeMs > FORGOTTEN_AFTER_MS) await rm(join(KEPT, name), { recursive: true });
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** All that a package is made of. */
const SOURCES = ['functions', 'lib', 'infra', 'serverless.yml', 'package.json', 'package-lock.json'];

const keyOf = async (options: StageOptions): Promise<string> => {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(options).sort()));
  for (const source of SOURCES) for (const file of await filesOf(source)) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
};

const filesOf = async (source: string): Promise<string[]> => {
  const path = join(ROOT, source);
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
};

export const ofType = (resources: Resources, type: string): [logicalId: string, resource: Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
