// The command line as a process: its streams, its exit codes, where it happened.

import { spawnSync } from 'node:child_process';
import { ROOT } from '../../support/running-stack';

const NOBODY = { PORT: '9', SANDBOX_PORT: '9', PATH: process.env['PATH'] ?? '' };

const relay = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const options = { cwd: ROOT, env: { ...NOBODY, ...env }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/cli/relay.js', ...argv], options);
  return { status, stdout, stderr };
};

it('writes help to standard output and failures to standard error, and its exit code tells the kind', () => {
  expect(relay(['--help'])).toMatchObject({ status: 0, stderr: '' });
  expect(relay(['no-command'])).toMatchObject({ status: 2, stdout: '' });
  expect(relay(['doctor'])).toMatchObject({ status: 1, stdout: '' });
});

it('shows where it happened with --verbose, by the lines of the sources', () => {
  expect(relay(['doctor', '--verbose']).stderr).toMatch(/infra\/cli\/target\.ts:\d+/);
});
