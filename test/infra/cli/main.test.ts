// The command line as a process: its streams, its exit codes, where it happened.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { startServer } from '../../support/http-server';
import { startStage } from '../../support/relay-cli';
import { ROOT } from '../../support/running-stack';
import { until } from '../../support/until';

const NOBODY = { PORT: '9', SANDBOX_PORT: '9', PATH: process.env['PATH'] ?? '' };

/** Without the second signal it would wait for an answer that never comes. */
const ENDS_WITHIN_MS = 5_000;

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

it.each(['SIGINT', 'SIGTERM'] as const)(
  'comes to its end at %s, which it says, and ends at once at the second',
  async (signal) => {
    const asked: string[] = [];
    const sqs = await startServer(({ headers }, response) => {
      asked.push(String(headers['x-amz-target']));
      if (asked.at(-1)?.endsWith('ReceiveMessage')) return;
      response.end(JSON.stringify({ QueueUrl: 'http://127.0.0.1/0/queue', Attributes: {} }));
    });
    const argv = ['infra/cli/relay.js', 'dead-letters', 'list', '--stage', 'test'];
    const env = { ...NOBODY, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_SQS: sqs.url };
    const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
    const relaying = spawn(process.execPath, argv, { cwd: ROOT, env: { ...env, ...keys } });
    const said = text(relaying.stderr);
    await until(async () => asked.some((target) => target.endsWith('ReceiveMessage')));
    relaying.kill(signal);
    await once(relaying.stderr, 'data');
    const endedAtMs = Date.now();
    relaying.kill(signal);
    const [code] = await once(relaying, 'exit');
    await sqs.close();

    expect(code).toBe(130);
    expect(Date.now() - endedAtMs).toBeLessThan(ENDS_WITHIN_MS);
    expect(await said).toContain('Comes to its end; Ctrl-C once more ends it at once.');
  },
);

it('puts back all that it looked at when the reader of its results has enough, as `| head` has', async () => {
  const stage = await startStage();
  for (let number = 0; number < 35; number += 1) await stage.put('dead-letters', `{"number":${number}}`);
  const argv = ['infra/cli/relay.js', 'dead-letters', 'show', '--limit', '99', '--stage', 'test'];
  const relaying = spawn(process.execPath, argv, { cwd: ROOT, env: { ...NOBODY, ...stage.env } });
  await once(relaying.stdout, 'data');
  relaying.stdout.destroy();
  const [code] = await once(relaying, 'exit');
  const left = await stage.count('dead-letters');
  await stage.stop();

  expect({ code, left }).toEqual({ code: 0, left: 35 });
});

/** Takes no byte, as a disk that is full; Linux alone has it. */
const FULL_DISK = '/dev/full';

(existsSync(FULL_DISK) ? it : it.skip)('fails where the disk is full that its results go to', () => {
  const full = openSync(FULL_DISK, 'w');
  const { status, stderr } = spawnSync(process.execPath, ['infra/cli/relay.js', '--help'], {
    cwd: ROOT,
    env: NOBODY,
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);

  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      'What was written to standard output is not whole: ENOSPC.\nLook at where it goes, and give the command again.\n',
  });
});

it('goes on to its end when nobody reads what it complains of', async () => {
  const stage = await startStage();
  await stage.put('dead-letters', '{"number":1}');
  const argv = ['infra/cli/relay.js', 'dead-letters', 'list', '--stage', 'test'];
  const relaying = spawn(process.execPath, argv, { cwd: ROOT, env: { ...NOBODY, ...stage.env } });
  relaying.stderr.destroy();
  const said = text(relaying.stdout);
  const [code] = await once(relaying, 'exit');
  await stage.stop();

  expect({ code, said: await said }).toEqual({ code: 0, said: expect.stringContaining('1 dead letter ') });
});
