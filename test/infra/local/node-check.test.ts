// Each case in a folder and a process of its own: an installation as it may be, and a Node that says its version.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const SCRIPTS = [
  ['npm start', 'infra/local/start.js'],
  ['npm run demo', 'infra/cli/demo.js'],
  ['npm test', 'infra/local/node-check.js'],
] as const;

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'cio-relay-node-'));
  for (const [, script] of SCRIPTS) cpSync(join(ROOT, script), join(project, script));
});

afterEach(() => rmSync(project, { recursive: true }));

const install = (...files: readonly string[]): void => {
  for (const file of files) {
    mkdirSync(join(project, 'node_modules', file, '..'), { recursive: true });
    writeFileSync(join(project, 'node_modules', file), '');
  }
};

/** @param version what this Node passes for. */
const run = (script: string, version: string) => {
  const disguise = join(project, 'disguise.js');
  writeFileSync(disguise, `Object.defineProperty(process, 'version', { value: '${version}' });`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', disguise, script], {
    cwd: project,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
};

describe.each(SCRIPTS)('%s', (_, script) => {
  it('without the binary of the package `node` says what is missing and what to run, in one line', () => {
    install('tsx/package.json', 'node/package.json');

    expect(run(script, 'v20.20.2')).toEqual({
      status: 1,
      output:
        "This needs Node 24, Lambda's own version, and runs on v20.20.2: the npm package `node`, which brings it, has no binary, as after `npm ci --ignore-scripts`. Run: npm rebuild node --ignore-scripts=false\n",
    });
  });

  it('past npm, on an old Node, says how to start it', () => {
    install('tsx/package.json', 'node/bin/node');

    expect(run(script, 'v18.0.0')).toEqual({
      status: 1,
      output:
        "This needs Node 24, Lambda's own version, and runs on v18.0.0. Start it by npm, which brings the right one: npm start, npm test or npm run demo\n",
    });
  });

  it('without packages says how to install them', () => {
    expect(run(script, 'v24.0.0')).toEqual({
      status: 1,
      output: 'The packages are not installed. Run: npm ci\n',
    });
  });
});

it('A machine that has the right Node needs no binary', () => {
  install('tsx/package.json');

  expect(run('infra/local/node-check.js', 'v24.0.0')).toEqual({ status: 0, output: '' });
  expect(run('infra/local/node-check.js', 'v26.1.0')).toEqual({ status: 0, output: '' });
});

it('The npm scripts ask it before they run anything else', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

  expect(scripts.start).toBe('exec node infra/local/start.js');
  expect(scripts.demo).toBe('node infra/cli/demo.js');
  expect(scripts.test).toMatch(/^node infra\/local\/node-check\.js && /);
});
