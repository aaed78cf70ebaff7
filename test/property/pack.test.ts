import fc from 'fast-check';
import type { Item } from '../../lib/delivery/destination';
import { groupByKey } from '../../lib/delivery/group';
import { type PackedRequest, pack } from '../../lib/delivery/pack';

const ENVELOPE = ['{"batch":[', ']}'] as const;
const ENVELOPE_BYTES = 12;

const item = (bytes: number, keys: string[], timestampMs: number): Item => ({
  json: Buffer.alloc(bytes, 'x'),
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

const LIMITS = { maxBatchBytes: 400, envelopeBytes: ENVELOPE_BYTES };

describe('packing', () => {
  it('puts every item into exactly one request', () => {
    fc.assert(
      fc.property(fc.array(anyItem(300)), (items) => {
        const positions = pack(items, LIMITS).flatMap((request) => request.positions);

        expect([...positions].sort((a, b) => a - b)).toEqual(items.map((_, index) => index));
      }),
    );
  });

  it('knows the exact size of each request and keeps it within the limit', () => {
    fc.assert(
      fc.property(fc.array(anyItem(387)), (items) => {
        for (const request of pack(items, LIMITS)) {
          expect(request.bytes).toBe(bodyBytes(request, items));
          expect(request.bytes).toBeLessThanOrEqual(LIMITS.maxBatchBytes);
          expect(request.positions.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('keeps items that share a key in order of time, then of arrival', () => {
    fc.assert(
      fc.property(fc.array(anyItem(150)), (items) => {
        const requests = pack(items, LIMITS);
        const placeOf = new Map<number, { request: number; index: number }>();
        requests.forEach((request, number) => {
          request.positions.forEach((position, index) => {
            placeOf.set(position, { request: number, index });
          });
        });
        items.forEach((a, first) => {
          items.forEach((b, second) => {
            const isShared = a.keys.some((key) => b.keys.includes(key));
            const isFirst =
              a.timestampMs < b.timestampMs || (a.timestampMs === b.timestampMs && first < second);
            if (!isShared || !isFirst) return;
            const [placeA, placeB] = [placeOf.get(first), placeOf.get(second)];
            if (placeA === undefined || placeB === undefined) throw new Error('an item was lost');
            if (placeA.request === placeB.request) expect(placeA.index).toBeLessThan(placeB.index);
            else expect(allBefore(requests, placeB.request)).toContain(placeA.request);
          });
        });
      }),
    );
  });

  it('lets a request wait for earlier ones only, so that none waits for ever', () => {
    fc.assert(
      fc.property(fc.array(anyItem(150)), (items) => {
        pack(items, LIMITS).forEach((request, number) => {
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
    const limits = { maxBatchBytes: 500_000, envelopeBytes: ENVELOPE_BYTES };
    const people$ = fc.sample(fc.integer({ min: 0, max: people - 1 }), { numRuns: 20_000, seed: 1 });
    const sizes = fc.sample(fc.integer({ min: 100, max: maxBytes }), { numRuns: 20_000, seed: 2 });
    const items = people$.map((person, index) => item(sizes[index] ?? 2, [String(person)], index));
    const totalBytes = items.reduce((sum, { json }) => sum + json.length + 1, 0);
    const fewest = Math.ceil(totalBytes / (limits.maxBatchBytes - ENVELOPE_BYTES + 1));

    const requests = pack(items, limits);

    expect(requests.length).toBeLessThanOrEqual(Math.floor(fewest * 1.02));
  });

  it('keeps requests free of each other when people are many and small', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => item(500, [String(index % 1_000)], index));

    const requests = pack(items, { maxBatchBytes: 500_000, envelopeBytes: ENVELOPE_BYTES });

    expect(requests).toHaveLength(6);
    expect(requests.flatMap((request) => request.after)).toEqual([]);
  });

  it('of nothing is nothing', () => {
    expect(pack([], LIMITS)).toEqual([]);
  });
});

describe('grouping', () => {
  it('joins people that another item links', () => {
    const items = [item(2, ['a'], 3), item(2, ['b'], 2), item(2, ['c'], 0), item(2, ['a', 'b'], 1)];

    expect(groupByKey(items)).toEqual([[3, 1, 0], [2]]);
  });
});
