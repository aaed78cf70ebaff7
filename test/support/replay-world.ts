// A stage with an archive and a second workspace of the sandbox, new for each test, for the suites of `relay replay`.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Sandbox, startSandbox } from '../../infra/local/sandbox/server';
import { type ArchivedStage, startArchivedStage, stopStandIn } from './archived-stage';
import { until } from './until';

export const LONG_AGO = '2026-03-01T10:00:00.000Z';
export const HOUR_MS = 3_600_000;

// Those of the test that runs.
export let world: ArchivedStage;
export let sandbox: Sandbox;
/** For its checkpoints. */
export let folder: string;

/** To be called once by a suite. */
export const useReplayWorld = (): void => {
  beforeEach(async () => {
    world = await startArchivedStage();
    sandbox = await startSandbox({
      workspaces: [
        { siteId: 'old', apiKey: 'k' },
        { siteId: 'new', apiKey: 'k' },
      ],
    });
    folder = await mkdtemp(join(tmpdir(), 'relay-replay-'));
  });

  afterEach(async () => {
    await Promise.all([world.stop(), sandbox.close()]);
    await rm(folder, { recursive: true });
  });

  afterAll(stopStandIn);
};

const workspace = (siteId: string) => ({
  name: siteId,
  siteId,
  apiKey: 'k',
  trackUrl: sandbox.url,
  requestsPerSecond: 1_000,
});

/** With the old workspace alone, or with the new one as well. */
export const sources = (names: readonly string[], more: object = {}) => [
  {
    name: 'shop',
    writeKey: 'w',
    archive: 'events',
    destinations: names.map((name) => ({ ...workspace(name), ...more })),
  },
];

export const EVENTS = [
  {
    type: 'identify',
    userId: 'u1',
    traits: { email: 'Ada@example.com', plan: 'pro' },
    messageId: 'a',
    timestamp: LONG_AGO,
  },
  {
    type: 'track',
    userId: 'u1',
    event: 'Ordered',
    messageId: 'b',
    timestamp: LONG_AGO,
    properties: { total: 9.75 },
  },
  { type: 'track', userId: 'u2', event: 'Ordered', messageId: 'c', timestamp: LONG_AGO },
  { type: 'page', anonymousId: 'v3', name: 'Pricing', messageId: 'd', timestamp: LONG_AGO },
];

/** `relay replay` of the last hour, where `world.deliver` has put its events. */
export const replay = (words: string) =>
  world.stage.run(`replay --from 1h --yes --checkpoint ${join(folder, 'checkpoint.json')} ${words}`.trim());

/** Of the last nine hours, where `bring` and `storeLine` put theirs. */
export const replayAll = (words = '') =>
  world.stage.run(`replay --from 9h --yes --checkpoint ${join(folder, 'checkpoint.json')} ${words}`.trim());

/** What was put on the queue, and is taken off it. */
export const queued = async (): Promise<string[]> => {
  const messages = await world.stage.takeAll('events');
  return messages
    .flatMap(({ Body: body = '' }) => (JSON.parse(body) as { batch: { messageId: string }[] }).batch)
    .map(({ messageId }) => messageId)
    .sort();
};

export const lineAt = (receivedAt: string, messageId: string, workspace = 'old'): string =>
  `${JSON.stringify({
    ...{ receivedAt, endedAt: receivedAt, source: 'shop', workspace, outcome: 'delivered' },
    ...{ messageId, type: 'track' },
    event: { type: 'track', userId: messageId, event: 'Ordered', messageId, timestamp: LONG_AGO },
  })}\n`;

export const partitionAt = (receivedAt: string): string =>
  `events/source=shop/day=${receivedAt.slice(0, 10)}/hour=${receivedAt.slice(11, 13)}`;

/** An object as Firehose brings it, with these events received then. */
export const bring = (name: string, receivedAt: string, ids: readonly string[]) =>
  world.store.write(
    `${partitionAt(receivedAt)}/${name}.gz`,
    gzipSync(ids.map((messageId) => lineAt(receivedAt, messageId)).join('')),
  );

export const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** A replay that dies when so many events are sent. */
export const replayUntil = async (events: number, words = ''): Promise<void> => {
  const dying = new AbortController();
  const running = world.stage.run(
    `replay --from 9h --yes --rate 2 --checkpoint ${join(folder, 'checkpoint.json')} ${words}`.trim(),
    { signal: dying.signal },
  );
  const isThere = async () =>
    ((
      JSON.parse(await readFile(join(folder, 'checkpoint.json'), 'utf8').catch(() => '{}')) as {
        events?: number;
      }
    ).events ?? 0) >= events;
  await until(isThere);
  dying.abort();
  await running;
};

export const IDS = Array.from({ length: 8 }, (_, index) => `m${index}`);
