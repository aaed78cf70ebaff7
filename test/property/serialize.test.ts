// Bodies are put together of bytes that lie in chunks: whatever was written in between, and in whatever order the
// items are asked for, a body is what their texts say.

import fc from 'fast-check';
import type { Item } from '../../lib/delivery/connector';
import { CHUNK_BYTES, toJsonBytes } from '../../lib/delivery/json-bytes';
import { serialize } from '../../lib/delivery/serialize';

const text = fc
  .record({ unit: fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme' }), times: fc.nat(8_000) })
  .map(({ unit, times }) => JSON.stringify(unit.repeat(times)));
const envelope = fc.constantFrom<[string, string]>(['{"batch":[', ']}'], ['', ''], ['[', '] ']);
const toItem = (json: string): Item => ({ json: toJsonBytes(json), keys: [], timestampMs: 0 });

it('a body is its items’ texts, in any order, however they lie in their chunks', () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 60 }),
      fc.infiniteStream(fc.nat()),
      envelope,
      (texts, lots, [open, close]) => {
        const items = texts.map(toItem);
        const shuffled = texts.map((_, position) => ({ position, lot: lots.next().value }));
        const inOrder = shuffled.map(({ position }) => position);
        const byLot = shuffled.toSorted((a, b) => a.lot - b.lot).map(({ position }) => position);
        const some = byLot.slice(0, Math.ceil(byLot.length / 2));

        for (const positions of [inOrder, byLot, some]) {
          const body = serialize(positions, items, [open, close]).toString();
          expect(body).toBe(`${open}${positions.map((position) => texts[position]).join(',')}${close}`);
        }
        expect(items.map(({ json }) => json.toString())).toEqual(texts);
      },
    ),
  );
});

it('a text longer than a chunk has one for itself, and its neighbours keep theirs', () => {
  const texts = ['{"n":1}', JSON.stringify('é'.repeat(CHUNK_BYTES)), '{"n":2}', '{"n":3}'];
  const items = texts.map(toItem);

  expect(serialize([0, 1, 2, 3], items, ['[', ']']).toString()).toBe(`[${texts.join(',')}]`);
});
