// A stage without a source but `shop`, and a folder of its own, for each test of an import.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stage, startStage } from './relay-cli';

export let stage: Stage;
export let folder: string;

export const SOURCE = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' };

/** Before and after each test of the suite. */
export const useImportStage = (): void => {
  beforeEach(async () => {
    stage = await startStage();
    stage.setSources([SOURCE]);
    folder = await mkdtemp(join(tmpdir(), 'relay-import-'));
  });

  afterEach(async () => {
    await stage.stop();
    await rm(folder, { recursive: true });
  });
};

export const OLD = '2025-03-01T10:00:00.000Z';
export const track = (fields: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Ordered',
  timestamp: OLD,
  ...fields,
});
export const lines = (...events: readonly unknown[]): string =>
  events.map((one) => `${JSON.stringify(one)}\n`).join('');

export const put = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

/** Texts of the events that are on the queue. */
export const queued = async (): Promise<string[]> =>
  (await stage.takeAll('events')).map(({ Body = '' }) => Body.slice('{"batch":['.length, -']}'.length));

export const queuedEvents = async (): Promise<Record<string, unknown>[]> =>
  (await queued()).flatMap((texts) => JSON.parse(`[${texts}]`));
