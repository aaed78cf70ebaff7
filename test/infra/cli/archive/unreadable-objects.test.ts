// What a scan does with objects that cannot be read to their ends, and how much it asks of a bucket.

import { gzipSync } from 'node:zlib';
import type { ArchiveStore } from '../../../../infra/archive/store';
import { objectsIn, type ScanOptions, scan } from '../../../../infra/cli/archive/scan';

const NOW_MS = Date.parse('2026-11-28T12:00:00Z');

const line = (messageId: string) =>
  `${JSON.stringify({
    ...{ receivedAt: '2026-11-28T10:00:00.000Z', endedAt: '2026-11-28T10:00:01.000Z', source: 'shop' },
    ...{ outcome: 'delivered', messageId },
  })}\n`;

/** A bucket of these objects, that counts what is asked of it. */
const bucketOf = (contents: Readonly<Record<string, () => Promise<Buffer>>>) => {
  const asked = { lists: 0, listed: 0, reads: 0 };
  const store: ArchiveStore = {
    name: 's3://test',
    list: async function* (prefix, after = '') {
      asked.lists += 1;
      for (const key of Object.keys(contents).sort()) {
        if (!key.startsWith(prefix) || key <= after) continue;
        asked.listed += 1;
        yield { key, bytes: 1, version: '1' };
      }
    },
    folders: async () => [],
    read: async (key) => {
      asked.reads += 1;
      return contents[key]?.();
    },
    write: async () => {},
    change: async () => {},
    remove: async () => {},
  };
  return { store, asked };
};

const KEY = 'events/source=shop/day=2026-11-28/hour=10/';

const told: string[] = [];
const options: ScanOptions = {
  sources: ['shop'],
  range: { fromMs: NOW_MS - 7_200_000, untilMs: NOW_MS },
  signal: new AbortController().signal,
  onBroken: (key, what) => told.push(`${key.slice(KEY.length)} ${what}`),
};

beforeEach(() => told.splice(0));

const idsIn = async (store: ArchiveStore): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { messageId } of scan(store, options)) ids.push(messageId);
  return ids;
};

it('An object whose end is missing is read as far as it goes, and told, as one that is broken is', async () => {
  const random = Array.from({ length: 400 }, (_, index) => line(`m${index}-${Math.random()}`)).join('');
  const whole = gzipSync(random);
  const { store } = bucketOf({
    [`${KEY}a`]: async () => whole.subarray(0, whole.length - 500),
    [`${KEY}b`]: async () => Buffer.from([0x1f, 0x8b, 0, 0]),
    [`${KEY}c`]: async () => gzipSync(line('last')),
  });
  const ids = await idsIn(store);

  expect(ids.length).toBeGreaterThan(100);
  expect(ids.at(-1)).toBe('last');
  expect(told).toEqual(['a cut', 'b broken']);
});

it('From the beginning of time a bucket is not asked for each day since', async () => {
  const { store, asked } = bucketOf({ [`${KEY}a`]: async () => Buffer.from(line('a')) });
  const range = { fromMs: 0, untilMs: NOW_MS };

  expect(await objectsIn(store, { sources: ['shop'], range })).toHaveLength(1);
  expect(await objectsIn(store, { sources: ['none'], range })).toEqual([]);
  expect(asked.lists).toBe(4);
});

it('Of each source it is asked once, for what is between the hours that are meant, their ends included', async () => {
  const hours = ['27/hour=23', '28/hour=00', '28/hour=09', '28/hour=10', '28/hour=11', '29/hour=00'];
  const keys = hours.map((hour) => `events/source=shop/day=2026-11-${hour}/x`);
  const { store, asked } = bucketOf(Object.fromEntries(keys.map((key) => [key, async () => Buffer.of()])));
  const hoursIn = async (from: string, until: string): Promise<string[]> => {
    const range = { fromMs: Date.parse(from), untilMs: Date.parse(until) };
    const objects = await objectsIn(store, { sources: ['shop'], range });
    return objects.map(({ key }) => hours[keys.indexOf(key)] ?? '');
  };

  expect(await hoursIn('2026-11-28T09:59:59.999Z', '2026-11-28T10:00:00.001Z')).toEqual(hours.slice(2, 4));
  expect(asked).toMatchObject({ lists: 2, listed: 3 });
  expect(await hoursIn('2026-11-28T09:00:00.000Z', '2026-11-28T10:00:00.000Z')).toEqual(hours.slice(2, 3));
  expect(await hoursIn('2026-11-27T23:59:59.999Z', '2026-11-29T00:00:00.000Z')).toEqual(hours.slice(0, 5));
  expect(await hoursIn('2026-11-28T00:00:00.000Z', '2026-11-29T00:00:00.001Z')).toEqual(hours.slice(1));
});
