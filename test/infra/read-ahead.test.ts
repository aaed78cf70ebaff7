// Many objects of the archive, read with others on their way.

import { type ReadContent, readInOrder } from '../../infra/archive/read-ahead';
import type { ArchiveStore, StoredObject } from '../../infra/archive/store';
import { until } from '../support/until';

const objectsOf = (count: number, bytes: number): StoredObject[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, bytes, version: '1' }));

/** A bucket whose answers are given by hand, in any order. */
const slowBucket = () => {
  const asked = new Map<string, (content: Buffer | Error) => void>();
  const read = (key: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      asked.set(key, (content) => (content instanceof Error ? reject(content) : resolve(content)));
    });
  const answer = (key: string, content: Buffer | Error = Buffer.from(key)): void => asked.get(key)?.(content);
  const store = { read } as Partial<ArchiveStore> as ArchiveStore;
  return { store, asked, answer };
};

const next = async (reading: AsyncGenerator<ReadContent>): Promise<string> =>
  String((await reading.next()).value?.content);

it('They come in their order, whichever is answered first', async () => {
  const { store, answer } = slowBucket();
  const reading = readInOrder(store, objectsOf(3, 1));
  const first = next(reading);
  for (const key of ['k2', 'k1', 'k0']) answer(key);

  expect([await first, await next(reading), await next(reading)]).toEqual(['k0', 'k1', 'k2']);
  expect((await reading.next()).done).toBe(true);
});

it('Sixteen are on their way at once, and as each is done another', async () => {
  const { store, asked, answer } = slowBucket();
  const reading = readInOrder(store, objectsOf(40, 1));
  const first = next(reading);
  expect(asked.size).toBe(16);
  answer('k0');
  await first;
  const second = next(reading);
  await until(() => asked.size > 16);
  answer('k1');

  expect(await second).toBe('k1');
  expect(asked.size).toBe(17);
});

it('Of large ones no more are on their way than memory should hold, and always one', async () => {
  const { store, asked, answer } = slowBucket();
  const reading = readInOrder(store, [...objectsOf(3, 30_000_000), ...objectsOf(1, 900_000_000)]);
  const first = next(reading);
  expect(asked.size).toBe(2);
  for (const key of ['k0', 'k1']) answer(key);
  await first;
  await next(reading);
  const third = next(reading);
  answer('k2');
  await third;
  const last = next(reading);
  answer('k0', Buffer.from('large'));

  expect(await last).toBe('large');
});

it('What cannot be read is told when its turn comes, and ends no process where nobody waits any more', async () => {
  const { store, answer } = slowBucket();
  const reading = readInOrder(store, objectsOf(3, 1));
  const first = next(reading);
  answer('k1', new Error('refused'));
  answer('k2', new Error('refused too'));
  answer('k0');

  expect(await first).toBe('k0');
  await expect(reading.next()).rejects.toThrow('refused');
});
