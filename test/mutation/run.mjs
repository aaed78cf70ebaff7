// `npm run mutation`: every scope, one after the other. `npm run mutation -- queue` is one of them, and Stryker's
// options may follow its name: `npm run mutation -- rules --mutate lib/mapping/ulid.ts`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SCOPES } from './scopes.mjs';

const FOLDER = import.meta.dirname;
const ROOT = join(FOLDER, '../..');
const STRYKER = join(FOLDER, 'node_modules/@stryker-mutator/core/bin/stryker.js');

/** Ends this process as soon as one of its steps fails. */
const run = (command, args, options = {}) => {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (status !== 0) process.exit(status ?? 1);
};

const [name, ...options] = process.argv.slice(2);
if (name !== undefined && SCOPES[name] === undefined) {
  console.error(`There is no scope "${name}". Put one first: ${Object.keys(SCOPES).join(', ')}.`);
  process.exit(1);
}

// Its packages are many and nobody needs them for anything else: they come when they are first used.
if (!existsSync(STRYKER)) run('npm ci --prefix test/mutation', [], { shell: true });

for (const scope of name === undefined ? Object.keys(SCOPES) : [name]) {
  console.log(`\nMutants of ${scope}`);
  run(process.execPath, [STRYKER, 'run', 'test/mutation/stryker.config.mjs', ...options], {
    env: { ...process.env, MUTATION_SCOPE: scope },
  });
}
