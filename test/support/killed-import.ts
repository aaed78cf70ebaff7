// `npx relay import` as a process of its own, killed by SIGKILL at random moments and given the same command again
// until it ends, while the consumer delivers to the sandbox what has come so far. Every event has a number, so that
// at the end it is known which is missing and which is there twice.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ACTIVITY_TYPES, type Activity } from '../../infra/local/sandbox/activity-log';
import { startSandbox } from '../../infra/local/sandbox/server';
import { startDelivery } from './deliver-queue';
import { type Stage, startStage } from './relay-cli';
import { ROOT } from './running-stack';

export interface KilledImportPlan {
  readonly events: number;
  /** Of the properties of each event. */
  readonly paddingBytes: number;
  readonly kills: number;
  /** A process is killed at a random moment of so long after it has begun to import. */
  readonly killWithinMs: number;
  /** Events a second, at most; without, as fast as it goes. */
  readonly rate?: number;
  /** Of the consumer, at once. */
  readonly consumers: number;
}

export interface KilledImportResult {
  /** How each process ended: null is by the signal. */
  readonly ends: readonly (number | null)[];
  /** Events that the sandbox has not, and those that it has more than once. */
  readonly missing: number;
  readonly doubled: number;
  readonly seconds: number;
}

export const sourceFor = (trackUrl: string) => ({
  name: 'local',
  writeKey: 'local',
  siteId: 'local',
  apiKey: 'local',
  trackUrl,
  requestsPerSecond: 1_000,
});

/** Events without a messageId: what makes each the same at every run is the import's own. */
const writeEvents = async (path: string, { events, paddingBytes }: KilledImportPlan): Promise<void> => {
  const file = createWriteStream(path);
  const text = 'x'.repeat(paddingBytes);
  for (let index = 0; index < events; index += 1) {
    const event = {
      type: 'track',
      userId: `u${index % 5_000}`,
      event: `${index}`,
      timestamp: '2025-03-01T10:00:00Z',
      properties: { text },
    };
    if (!file.write(`${JSON.stringify(event)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
};

/**
 * Answers how it ended; null is by a signal.
 *
 * @param killWhen asked once it has said what it does: it is killed when this resolves. Without, it comes to its end.
 */
export const runRelayProcess = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  killWhen?: () => Promise<unknown>,
): Promise<number | null> => {
  const child = spawn(process.execPath, ['infra/cli/relay.js', ...argv], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stderr, 'data'), ended]);
  child.stderr.resume();
  if (killWhen !== undefined) {
    await Promise.race([killWhen(), ended]);
    child.kill('SIGKILL');
  }
  await ended;
  return child.exitCode;
};

/** How often each numbered event has come. */
class Tally {
  private readonly counts: Uint8Array;

  constructor(events: number) {
    this.counts = new Uint8Array(events);
  }

  add({ activity_type: type, activity_name: name }: Activity): void {
    if (type === ACTIVITY_TYPES.event) this.counts[Number(name)] = (this.counts[Number(name)] ?? 0) + 1;
  }

  countOf(isWanted: (count: number) => boolean): number {
    return this.counts.reduce((sum, count) => sum + Number(isWanted(count)), 0);
  }
}

export const importWithKills = async (
  plan: KilledImportPlan,
  onProgress: (text: string) => void = () => {},
): Promise<KilledImportResult> => {
  const tally = new Tally(plan.events);
  const stage = await startStage();
  const sandbox = await startSandbox({ onActivity: (activity) => tally.add(activity), keepActivities: 1 });
  const folder = await mkdtemp(join(tmpdir(), 'relay-killed-'));
  try {
    const sources = [sourceFor(sandbox.url)];
    stage.setSources(sources);
    const path = join(folder, 'events.ndjson');
    await writeEvents(path, plan);
    const startedAt = Date.now();
    const delivery = startDelivery(stage, sources, plan.consumers);
    const ends = await runAll(path, stage, plan, onProgress);
    await delivery.drained();
    await delivery.stop();
    return {
      ends,
      missing: tally.countOf((count) => count === 0),
      doubled: tally.countOf((count) => count > 1),
      seconds: (Date.now() - startedAt) / 1_000,
    };
  } finally {
    await Promise.all([stage.stop(), sandbox.close()]);
    await rm(folder, { recursive: true });
  }
};

const runAll = async (
  path: string,
  { env }: Stage,
  { kills, killWithinMs, rate }: KilledImportPlan,
  onProgress: (text: string) => void,
): Promise<(number | null)[]> => {
  const bounded = rate === undefined ? [] : ['--rate', String(rate)];
  const argv = ['import', path, '--stage', 'test', '--yes', ...bounded];
  const ends: (number | null)[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const afterMs = Math.round(Math.random() * killWithinMs);
    ends.push(await runRelayProcess(argv, env, () => delay(afterMs)));
    onProgress(`Kill ${kill + 1}, after ${afterMs} ms`);
  }
  return [...ends, await runRelayProcess(argv, env)];
};
