// An import that is killed at random moments, and given the same command again until it ends: at the sandbox nothing
// is missing and nothing is twice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ACTIVITY_TYPES, type Activity } from '../../../../infra/local/sandbox/activity-log';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { deliverAll } from '../../../support/deliver-queue';
import { type Stage, startStage } from '../../../support/relay-cli';
import { ROOT } from '../../../support/running-stack';

const EVENTS = 3_000;
const KILLS = 3;
const PER_SECOND = 1_000;

let stage: Stage;
let sandbox: Sandbox;
let folder: string;
const activities: Activity[] = [];

beforeEach(async () => {
  activities.length = 0;
  stage = await startStage();
  sandbox = await startSandbox({ onActivity: (activity) => activities.push(activity) });
  stage.setSources([source()]);
  folder = await mkdtemp(join(tmpdir(), 'relay-killed-'));
});

afterEach(async () => {
  await Promise.all([stage.stop(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

const source = () => ({
  name: 'local',
  writeKey: 'local',
  siteId: 'local',
  apiKey: 'local',
  trackUrl: sandbox.url,
  requestsPerSecond: 1_000,
});

/** Kills it that long after it began to import; without, waits for its end. */
const runImport = async (path: string, killAfterMs?: number): Promise<number | null> => {
  const argv = ['import', path, '--stage', 'test', '--yes', '--rate', String(PER_SECOND)];
  const child = spawn(process.execPath, ['infra/cli/relay.js', ...argv], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...stage.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stderr, 'data'), ended]);
  if (killAfterMs !== undefined) {
    await delay(killAfterMs);
    child.kill('SIGKILL');
  }
  await ended;
  return child.exitCode;
};

it('loses nothing and doubles nothing', async () => {
  const path = join(folder, 'events.ndjson');
  const event = (index: number) => ({
    type: 'track',
    userId: `u${index % 100}`,
    event: `Event ${index}`,
    timestamp: '2025-03-01T10:00:00Z',
  });
  await writeFile(
    path,
    Array.from({ length: EVENTS }, (_, index) => `${JSON.stringify(event(index))}\n`).join(''),
  );
  const ends: (number | null)[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) ends.push(await runImport(path, 100 + Math.random() * 700));
  expect(ends).toEqual(Array.from({ length: KILLS }, () => null));
  expect(await runImport(path)).toBe(0);
  await deliverAll(stage, [source()]);
  const names = activities.flatMap(({ activity_type: type, activity_name: name }) =>
    type === ACTIVITY_TYPES.event ? [name] : [],
  );
  expect(names).toHaveLength(EVENTS);
  expect(new Set(names).size).toBe(EVENTS);
}, 120_000);

it('delivers dead letters once that were retried twice, with a death between sending and deleting', async () => {
  for (let index = 0; index < 20; index += 1) {
    const body = JSON.stringify({ type: 'track', userId: `u${index}`, event: `Letter ${index}` });
    await stage.put('dead-letters', body, {
      reason: 'rejected_by_customerio',
      messageId: `m${index}`,
      timestamp: '2026-03-01T10:00:00.000Z',
      failedAt: '2026-03-01T10:00:00.000Z',
      source: 'local',
    });
  }
  const { SQSClient, DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
  const { send } = SQSClient.prototype;
  const dying = jest.spyOn(SQSClient.prototype, 'send').mockImplementation(function (
    this: InstanceType<typeof SQSClient>,
    ...args
  ) {
    if (args[0] instanceof DeleteMessageBatchCommand) throw new Error('killed');
    return Reflect.apply(send, this, args);
  });
  expect((await stage.run('dead-letters retry --yes --source local')).code).toBe(1);
  dying.mockRestore();
  expect((await stage.run('dead-letters retry --yes --source local')).code).toBe(0);
  await deliverAll(stage, [source()]);
  const names = activities.flatMap(({ activity_type: type, activity_name: name }) =>
    type === ACTIVITY_TYPES.event ? [name] : [],
  );
  expect(names.sort()).toEqual(Array.from({ length: 20 }, (_, index) => `Letter ${index}`).sort());
}, 60_000);
