// `serverless package`, as a deployment runs it, and the CloudFormation it makes.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export type Resources = Readonly<Record<string, Resource>>;

/** Without any AWS setting of the machine. @throws Error with `code` and `stderr`. */
export const serverless = (...parameters: readonly string[]) =>
  promisify(execFile)('npx', ['serverless', ...parameters], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' },
  });

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
