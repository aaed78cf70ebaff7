// Bundles a process of the tests the way the functions are bundled for Lambda: it starts in a moment, and
// what runs is what would be deployed.

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** What is left out of a deployment is left out here. */
const plugins = require('../../infra/build/shake.js') as Plugin[];

export interface Bundle {
  readonly file: string;
  /** Happens by itself when the process exits. */
  remove(): void;
}

/** @param entry path of the TypeScript file, from the repository's root. */
export const bundle = async (entry: string): Promise<Bundle> => {
  const folder = await mkdtemp(join(tmpdir(), 'cio-relay-'));
  const file = join(folder, 'process.cjs');
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    mainFields: ['module', 'main'],
    plugins,
    logLevel: 'error',
  });
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
    process.off('exit', remove);
  };
  process.once('exit', remove);
  return { file, remove };
};
