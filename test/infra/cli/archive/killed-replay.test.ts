// Events are delivered and archived while Customer.io and Firehose fail in every way, and then replayed into a second
// workspace by a command that is killed at random moments, and given again until it ends: both workspaces hold the
// same, and nothing is twice. `npm run replay` runs it with 100,000 events and ten kills.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../../../infra/archive/firehose-stand-in';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { type ArchivedStage, startArchivedStage, stopStandIn } from '../../../support/archived-stage';
import { ROOT } from '../../../support/running-stack';

const EVENTS = Number(process.env['REPLAY_EVENTS'] ?? 2_000);
const KILLS = Number(process.env['REPLAY_KILLS'] ?? 2);
/** All of it takes four seconds at least, so that the kills come in its midst. */
const PER_SECOND = Math.max(500, Math.ceil(EVENTS / 4));
const GIVE_UP_MS = 60_000 + EVENTS * 10;
const FROM_MS = Date.parse('2026-03-01T00:00:00.000Z');

let world: ArchivedStage;
let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  world = await startArchivedStage();
  sandbox = await startSandbox({
    workspaces: [
      { siteId: 'old', apiKey: 'k' },
      { siteId: 'new', apiKey: 'k' },
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'relay-killed-'));
});

afterAll(async () => {
  await Promise.all([world.stop(), sandbox.close(), stopStandIn()]);
  await rm(folder, { recursive: true });
});

const sources = (...names: readonly string[]) => [
  {
    name: 'shop',
    writeKey: 'w',
    archive: 'events',
    archiveRequired: true,
    destinations: names.map((name) => ({
      name,
      siteId: name,
      apiKey: 'k',
      trackUrl: sandbox.url,
      requestsPerSecond: 1_000,
    })),
  },
];

/** A second apart, so that profiles do not depend on the order of arrival. */
const eventOf = (index: number): object => {
  const person = {
    userId: `u${index % 500}`,
    messageId: `m${index}`,
    timestamp: new Date(FROM_MS + index * 1_000).toISOString(),
  };
  if (index % 4 === 0)
    return { ...person, type: 'identify', traits: { logins: index, [`once_${index % 50}`]: index } };
  if (index % 4 === 1) return { ...person, type: 'page', name: `Page ${index % 20}` };
  return { ...person, type: 'track', event: `Event ${index % 30}`, properties: { index } };
};

/** Every third call goes wrong in one way or another. */
const FAULTS: readonly (Fault | undefined)[] = [
  'some',
  undefined,
  undefined,
  'twice',
  undefined,
  undefined,
  'lost',
  undefined,
  'unavailable',
];

/** Kills it that long after it began to send; without, waits for its end. */
const runReplay = async (killAfterMs?: number): Promise<number | null> => {
  const argv = [
    'replay',
    '--stage',
    'test',
    '--from',
    '1d',
    '--to-workspace',
    'new',
    '--yes',
    '--rate',
    String(PER_SECOND),
  ];
  const checkpoint = ['--checkpoint', join(folder, 'checkpoint.json')];
  const child = spawn(process.execPath, [join(ROOT, 'infra/cli/relay.js'), ...argv, ...checkpoint], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...world.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const told: string[] = [];
  await Promise.race([untilItSends(child.stderr, told), ended]);
  if (killAfterMs !== undefined) {
    await delay(killAfterMs);
    child.kill('SIGKILL');
  }
  await ended;
  if (child.exitCode !== null && child.exitCode !== 0) throw new Error(told.join(''));
  return child.exitCode;
};

const untilItSends = (stderr: NodeJS.ReadableStream, told: string[]): Promise<void> =>
  new Promise((resolve) => {
    stderr.on('data', (chunk) => {
      told.push(String(chunk));
      if (told.join('').includes('Sends ')) resolve();
    });
  });

const held = (siteId: string) => {
  const workspace = sandbox.workspaces.get(siteId);
  return { profiles: JSON.stringify(workspace?.profileSnapshot()), events: workspace?.eventIds.size };
};

it(
  'After a bad day and a replay that dies again and again, the second workspace is as the first',
  async () => {
    const times = Math.ceil(EVENTS / 400 / FAULTS.length) + 1;
    world.standIn.faults.push(...Array.from({ length: times }, () => FAULTS).flat());
    sandbox.setFaults({ throttle: 0.1, serverError: 0.05, reset: 0.02, lostAnswer: 0.05, seed: 19 });
    const events = Array.from({ length: EVENTS }, (_, index) => eventOf(index));
    await world.deliver(events, sources('old'));
    world.standIn.faults.length = 0;
    sandbox.setFaults({});
    world.stage.setSources(sources('old', 'new'));
    const ends: (number | null)[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) ends.push(await runReplay(50 + Math.random() * 350));
    ends.push(await runReplay());
    await world.deliver([], sources('old', 'new'));
    const again = await world.stage.run('replay --from 1d --to-workspace new --restart --dry-run --json');

    expect(ends).toEqual([...Array.from({ length: KILLS }, () => null), 0]);
    expect(held('old').events).toBe((EVENTS * 3) / 4);
    expect(held('new')).toEqual(held('old'));
    // The replay was archived too, and what a kill had it send twice.
    const { wouldSend, repeated } = JSON.parse(again.out) as { wouldSend: number; repeated: number };
    expect(wouldSend).toBe(EVENTS);
    expect(repeated).toBeGreaterThanOrEqual(EVENTS);
  },
  3 * GIVE_UP_MS,
);
