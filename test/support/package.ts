// `serverless package`, as a deployment runs it, and the CloudFormation it makes.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
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
export const serverless = (...parameters: readonly string[]) =>
  locked(() =>
    promisify(execFile)('npx', ['serverless', ...parameters], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' },
    }),
  );

/** `params` override those of the stage. */
export const packageResources = async (
  stage: string,
  outDir: string,
  params: Readonly<Record<string, string>> = {},
): Promise<Resources> => {
  const overrides = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
  await serverless('package', '--stage', stage, '--package', outDir, ...overrides);
  const template = await readFile(join(outDir, 'cloudformation-template-update-stack.json'), 'utf8');
  return (JSON.parse(template) as { Resources: Resources }).Resources;
};

export const ofType = (resources: Resources, type: string): [logicalId: string, resource: Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
