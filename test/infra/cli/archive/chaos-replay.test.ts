// What a chaos run has archived, its consumers killed and Firehose failing beside all the rest, is replayed into a fresh
// workspace: it holds what the first one does. `npm run replay` does it with a chaos run of 100,000 events.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { failures, runChaos } from '../../../chaos/chaos';
import { chaosFigures } from '../../../chaos/figures';
import { fullPlan, smallPlan } from '../../../chaos/plans';
import { deliverAll } from '../../../support/deliver-queue';
import { type Stage, startStage } from '../../../support/relay-cli';

const SEED = 19;
const EVENTS = Number(process.env['REPLAY_EVENTS'] ?? 0);
const TINY = { events: 600, people: 30, kills: 2, outageMs: 500, hangMs: 1_000 };
/** With the archive failing beside everything else, two busy processors take some 3,000 events a minute. */
const LONG = { events: EVENTS, maxMinutes: 70 };
const PLAN = EVENTS > 0 ? { ...fullPlan(SEED), ...LONG } : { ...smallPlan(SEED), ...TINY };

let folder: string;
let stage: Stage | undefined;
let sandbox: Sandbox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-chaos-'));
  sandbox = await startSandbox({ keepActivities: 1 });
});

afterAll(async () => {
  await Promise.all([stage?.stop(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

const SHOP = () => ({
  ...{ name: 'shop', writeKey: 'w', siteId: 'local', apiKey: 'local', trackUrl: sandbox.url },
  requestsPerSecond: 1_000,
});

it(
  'The archive of a chaos run, replayed into a fresh workspace, makes what the first one holds',
  async () => {
    const archive = join(folder, 'archive');
    const report = await runChaos({ ...PLAN, archiveFolder: archive });
    stage = await startStage();
    stage.setSources([SHOP()]);
    const checkpoint = join(folder, 'checkpoint.json');
    const words = `replay --from 1d --archive ${archive} --source shop --outcome delivered --allow-campaigns`;
    const rehearsed = await stage.run(`${words} --dry-run --json --checkpoint ${checkpoint}`);
    const { code, err } = await stage.run(`${words} --yes --checkpoint ${checkpoint}`);
    await deliverAll(stage, [SHOP()]);
    const { workspace } = sandbox;
    const missing = [...report.held.eventIds].filter((id) => !workspace.eventIds.has(id));
    const { keptBack } = JSON.parse(rehearsed.out) as { keptBack: Record<string, number> };
    process.stdout.write(`${chaosFigures(report)}\n${rehearsed.out}`);

    expect(failures(report)).toEqual([]);
    expect({ code, err }).toMatchObject({ code: 0 });
    // Of people who were deleted in the first workspace nothing is sent, and only of them.
    expect(Object.keys(keptBack)).toEqual(['deleted since']);
    expect(missing.length).toBeLessThanOrEqual(keptBack['deleted since'] ?? 0);
    expect([...workspace.eventIds].filter((id) => !report.held.eventIds.has(id))).toEqual([]);
    expect(JSON.stringify(workspace.profileSnapshot())).toBe(JSON.stringify(report.held.profiles));
  },
  2 * PLAN.maxMinutes * 60_000,
);
