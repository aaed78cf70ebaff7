// `npm start` and `npm run demo` as processes: what they say of themselves, before anything is started.

import { spawnSync } from 'node:child_process';
import { ROOT } from '../../support/running-stack';

const run = (script: string, ...argv: readonly string[]) => {
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...argv], options);
  return { status, stdout, stderr };
};

const START = 'infra/local/start.js';
const DEMO = 'infra/cli/demo.js';

it.each([
  ['npm start', START, '--help'],
  ['npm start', START, '-h'],
  ['npm run demo', DEMO, '--help'],
])('%s (%s) says with %s what it takes, in 80 columns, and starts nothing', (command, script, option) => {
  const { status, stdout, stderr } = run(script, option);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^${command} `));
  expect(stdout).toMatchSnapshot();
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
});

it.each([
  ['npm start', START, '--opne'],
  ['npm start', START, 'help'],
  ['npm run demo', DEMO, '--activities'],
])('%s (%s) refuses %s by name, and starts nothing', (command, script, option) => {
  expect(run(script, option)).toEqual({
    status: 2,
    stdout: '',
    stderr: `${command} has no option ${option}.\nTo see which it has: ${command} -- --help\n`,
  });
});
