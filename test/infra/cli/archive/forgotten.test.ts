import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { folderStore } from '../../../../infra/archive/folder-store';
import { s3Store } from '../../../../infra/archive/s3-store';
import type { ArchiveStore } from '../../../../infra/archive/store';
import { Forgotten } from '../../../../infra/cli/archive/forgotten';
import { conditionalS3 } from '../../../support/conditional-s3';

const NOW = new Date('2026-11-29T10:00:00.000Z');
const LATER = new Date('2026-11-29T10:00:01.000Z');

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
    change: async (key, make) => {
      await store.change(key, make);
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

describe('Two that forget the same person at once', () => {
  const s3 = conditionalS3();

  beforeEach(s3.reset);

  afterAll(() => s3.mock.restore());

  it.each([
    ['a bucket', () => s3Store(new S3Client({ region: 'us-east-1' }), 'b')],
    ['a folder', () => store],
  ])('keep each what the other knows, in every entry: in %s', async (_, storeOf) => {
    const place = storeOf();
    await add(await Forgotten.open(place), 'somebody');
    const [first, second] = [await Forgotten.open(place), await Forgotten.open(place)];
    const of = (...ids: string[]) => new Set(ids.map((id) => first.fingerprintOf(id)));
    const known = await Promise.all([
      first.add(of('u-1', 'ada@example.com'), NOW),
      second.add(of('u-1', 'visitor', 'ada@work.com'), LATER),
    ]);

    const all = of('u-1', 'ada@example.com', 'visitor', 'ada@work.com');
    const third = await Forgotten.open(place);
    for (const id of ['u-1', 'ada@example.com', 'visitor', 'ada@work.com'])
      expect((await third.before([id])).fingerprints).toEqual(all);
    expect([NOW, LATER].map((at) => at.toISOString())).toContain((await third.before(['u-1'])).firstAt);
    expect(known).toContainEqual(all);
  });

  it('make one key, and the other is told', async () => {
    const place = s3Store(new S3Client({ region: 'us-east-1' }), 'b');
    const both = [await Forgotten.open(place), await Forgotten.open(place)];
    const ended = await Promise.allSettled(both.map((one) => add(one, 'ada')));

    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await Forgotten.open(place)).hasId('ada')).toBe(true);
    expect([...s3.objects.keys()].filter((key) => key !== 'forgotten/key')).toHaveLength(1);
  });
});

it('A key that a kill left half written is nobody, and the next command makes one', async () => {
  await store.write('forgotten/key.unfinished', Buffer.from('half'));
  await add(await Forgotten.open(store), 'ada');

  expect((await Forgotten.open(store)).hasId('ada')).toBe(true);
});
