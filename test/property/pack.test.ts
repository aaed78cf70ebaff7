import fc from 'fast-check';
import type { Item } from '../../lib/delivery/connector';
import { toJsonBytes } from '../../lib/delivery/json-bytes';
import { type PackedRequest, pack } from '../../lib/delivery/pack';
import { startCpuClock } from '../support/cpu';

const ENVELOPE = ['{"batch":[', ']}'] as const;
const ENVELOPE_BYTES = 12;

const item = (bytes: number, keys: string[], timestampMs: number): Item => ({
  json: toJsonBytes('x'.repeat(bytes)),
  keys,
  timestampMs,
});

const anyItem = (maxBytes: number) =>
  fc
    .record({
      bytes: fc.integer({ min: 2, max: maxBytes }),
      keys: fc.array(fc.integer({ min: 0, max: 12 }).map(String), { maxLength: 2 }),
      timestampMs: fc.integer({ min: 0, max: 5 }),
    })
    .map(({ bytes, keys, timestampMs }) => item(bytes, keys, timestampMs));

const bodyBytes = (request: PackedRequest, items: readonly Item[]): number =>
  Buffer.byteLength(
    ENVELOPE.join(request.positions.map((position) => items[position]?.json.toString()).join(',')),
  );

const allBefore = (requests: readonly PackedRequest[], number: number): Set<number> => {
  const found = new Set<number>();
  const visit = (current: number): void => {
    for (const before of requests[current]?.after ?? []) {
      if (!found.has(before)) visit(found.add(before) && before);
    }
  };
  visit(number);
  return found;
};

/** Whether one item is sure to arrive before another. */
const orderIn = (requests: readonly PackedRequest[]) => {
  const placeOf = new Map<number, { request: number; index: number }>();
  requests.forEach(({ positions }, request) => {
    positions.forEach((position, index) => {
      placeOf.set(position, { request, index });
    });
  });
  return (first: number, second: number): boolean => {
    const [a, b] = [placeOf.get(first), placeOf.get(second)];
    if (a === undefined || b === undefined) throw new Error('An item was lost.');
    return a.request === b.request ? a.index < b.index : allBefore(requests, b.request).has(a.request);
  };
};

/** Every two items that share a key, the one that must arrive first in front. */
const pairsInOrder = (items: readonly Item[]): [number, number][] => {
  const positions = items.map((_, position) => position);
  const pairs = positions.flatMap((a) => positions.map((b): [number, number] => [a, b]));
  return pairs.filter(([a, b]) => a !== b && isShared(items[a], items[b]) && isFirst(a, b, items));
};

const isShared = (a: Item | undefined, b: Item | undefined): boolean =>
  a?.keys.some((key) => b?.keys.includes(key)) === true;

const isFirst = (a: number, b: number, items: readonly Item[]): boolean => {
  const later = (items[b]?.timestampMs ?? 0) - (items[a]?.timestampMs ?? 0);
  return later > 0 || (later === 0 && a < b);
};

const anyMaxItems = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 8 }));

const LIMITS = { maxBatchBytes: 400, envelopeBytes: ENVELOPE_BYTES, maxItems: Infinity };

describe('packing', () => {
  it('puts every item into exactly one request', () => {
    fc.assert(
      fc.property(fc.array(anyItem(300)), anyMaxItems, (items, maxItems) => {
        const positions = pack(items, { ...LIMITS, maxItems }).flatMap((request) => request.positions);

        expect([...positions].sort((a, b) => a - b)).toEqual(items.map((_, index) => index));
      }),
    );
  });

  it('knows the exact size of each request and keeps it within the limit', () => {
    fc.assert(
      fc.property(fc.array(anyItem(387)), anyMaxItems, (items, maxItems) => {
        for (const request of pack(items, { ...LIMITS, maxItems })) {
          expect(request.bytes).toBe(bodyBytes(request, items));
          expect(request.bytes).toBeLessThanOrEqual(LIMITS.maxBatchBytes);
          expect(request.positions.length).toBeGreaterThan(0);
          expect(request.positions.length).toBeLessThanOrEqual(maxItems);
        }
      }),
    );
  });

  it('keeps items that share a key in order of time, then of arrival', () => {
    fc.assert(
      fc.property(fc.array(anyItem(150)), anyMaxItems, (items, maxItems) => {
        const requests = pack(items, { ...LIMITS, maxItems });
        const isBefore = orderIn(requests);

        for (const [first, second] of pairsInOrder(items)) expect(isBefore(first, second)).toBe(true);
      }),
    );
  });

  it('lets a request wait for earlier ones only, so that none waits for ever', () => {
    fc.assert(
      fc.property(fc.array(anyItem(150)), anyMaxItems, (items, maxItems) => {
        pack(items, { ...LIMITS, maxItems }).forEach((request, number) => {
          for (const before of request.after) expect(before).toBeLessThan(number);
        });
      }),
    );
  });

  it.each([
    ['few people', 20, 2_000],
    ['many people', 20_000, 2_000],
    ['large operations', 300, 30_000],
  ])('needs within 2 %% of the fewest requests on a backlog of %s', (_, people, maxBytes) => {
    const limits = { ...LIMITS, maxBatchBytes: 500_000 };
    const people$ = fc.sample(fc.integer({ min: 0, max: people - 1 }), { numRuns: 20_000, seed: 1 });
    const sizes = fc.sample(fc.integer({ min: 100, max: maxBytes }), { numRuns: 20_000, seed: 2 });
    const items = people$.map((person, index) => item(sizes[index] ?? 2, [String(person)], index));
    const totalBytes = items.reduce((sum, { json }) => sum + json.length + 1, 0);
    const fewest = Math.ceil(totalBytes / (limits.maxBatchBytes - ENVELOPE_BYTES + 1));

    const requests = pack(items, limits);

    expect(requests.length).toBeLessThanOrEqual(Math.floor(fewest * 1.02));
  });

  it.each([
    ['few people', 20],
    ['many people', 20_000],
    ['nobody in particular', 0],
  ])('needs the fewest requests possible when it is the count that fills them (%s)', (_, people) => {
    const keysOf = (index: number): string[] => (people === 0 ? [] : [String((index * 7_919) % people)]);
    const items = Array.from({ length: 20_000 }, (_, index) => item(100, keysOf(index), index));

    const requests = pack(items, { ...LIMITS, maxBatchBytes: 500_000, maxItems: 2_500 });

    expect(requests).toHaveLength(8);
  });

  it('fills requests by bytes and by count where items are of both kinds', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => item(index % 2 === 0 ? 20 : 400, [], index));

    const requests = pack(items, { ...LIMITS, maxBatchBytes: 500_000, maxItems: 2_500 });

    // 2,110,000 bytes are five requests, and 10,000 items four.
    expect(requests).toHaveLength(5);
  });

  it.each([
    ['by bytes', Infinity],
    ['by count', 2],
  ])(
    'takes a time that grows with the number of items, not with its square, when requests fill %s',
    (_, maxItems) => {
      const backlog = (count: number): Item[] =>
        Array.from({ length: count }, (_, index) => item(60, [String(index >> 2)], index));
      const msFor = (items: Item[]): number => {
        const times = [1, 2, 3].map(() => {
          const spentMs = startCpuClock();
          pack(items, { ...LIMITS, maxItems });
          return spentMs();
        });
        return Math.min(...times);
      };
      const [small, large] = [msFor(backlog(5_000)), msFor(backlog(100_000))];

      // Twenty times the items; were it the square, four hundred times as long.
      expect(large).toBeLessThan(120 * Math.max(1, small));
    },
  );

  it('keeps requests free of each other when people are many and small', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => item(500, [String(index % 1_000)], index));

    const requests = pack(items, { ...LIMITS, maxBatchBytes: 500_000 });

    expect(requests).toHaveLength(6);
    expect(requests.flatMap((request) => request.after)).toEqual([]);
  });

  it('of nothing is nothing', () => {
    expect(pack([], LIMITS)).toEqual([]);
  });
});
