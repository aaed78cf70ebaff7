import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../../../../infra/archive/folder-store';
import type { ArchiveStore } from '../../../../infra/archive/store';
import { Forgotten } from '../../../../infra/cli/archive/forgotten';

const NOW = new Date('2026-11-29T10:00:00.000Z');

let folder: string;
let store: ArchiveStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-forgotten-'));
  store = folderStore(folder);
});

afterEach(() => rm(folder, { recursive: true }));

const add = (forgotten: Forgotten, id: string) => forgotten.add(new Set([forgotten.fingerprintOf(id)]), NOW);

it('Of two that begin at once the second does not make void what the first wrote down', async () => {
  const [first, second] = [await Forgotten.open(store), await Forgotten.open(store)];
  await add(first, 'ada');

  await expect(add(second, 'bob')).rejects.toThrow('Somebody else began to forget at the same time.');
  expect((await Forgotten.open(store)).hasId('ada')).toBe(true);
});

it('One whose key is overwritten while it writes fails before anything is removed', async () => {
  const first = await Forgotten.open(store);
  const other = Buffer.alloc(32, 1);
  const overwritten: ArchiveStore = {
    ...store,
    write: async (key, content) => {
      await store.write(key, content);
      if (key !== 'forgotten/key') await store.write('forgotten/key', other);
    },
  };
  const second = await Forgotten.open(overwritten);

  await expect(add(second, 'bob')).rejects.toThrow('Somebody else began to forget');
  await expect(add(first, 'ada')).rejects.toThrow('Somebody else began to forget');
});

it('Where the key is gone nobody can say who was forgotten, and nothing goes on', async () => {
  await add(await Forgotten.open(store), 'ada');
  await store.remove('forgotten/key');

  await expect(Forgotten.open(store)).rejects.toThrow('forgotten/key is gone');
});
