// Objects that cannot be read, of which some are on their way at once.

import type { ArchiveStore } from '../../../../infra/archive/store';
import { scan } from '../../../../infra/cli/archive/scan';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const HOUR = { fromMs: 0, untilMs: 3_600_000 };

/** The first is the last to be refused. */
const REFUSING: ArchiveStore = {
  name: 'a bucket that refuses',
  list: async function* () {
    for (const key of KEYS) yield { key, bytes: 1, version: '1' };
  },
  folders: async () => [],
  read: async (key) => {
    await new Promise((resolve) => setTimeout(resolve, key === 'a' ? 20 : 1));
    throw new Error(`${key} is refused`);
  },
  write: async () => {},
  change: async () => {},
  remove: async () => {},
};

it('Of several that are refused at once the first is told, and the others do not end the process', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const scanning = scan(REFUSING, {
    ...{ sources: ['shop'], range: HOUR, onBroken: () => {} },
    signal: new AbortController().signal,
  });

  await expect(scanning.next()).rejects.toThrow('a is refused');
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', note);

  expect(unhandled).toEqual([]);
});
