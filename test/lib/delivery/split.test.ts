import fc from 'fast-check';
import { probesOf, splitUp } from '../../../lib/delivery/split';
import { itemOf } from '../../support/destination';

const itemsOf = (people: readonly string[]) =>
  people.map((person, index) => itemOf(`${index}`, person, index));
const positionsOf = (items: readonly unknown[]): number[] => items.map((_, position) => position);

const anyItems = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 60 })
  .map((people) => itemsOf(people.map(String)));
const anyCount = fc.integer({ min: 2, max: 40 });

it('halves along people, so that both halves may travel at once', () => {
  const items = itemsOf(['a', 'b', 'a', 'c', 'b']);

  expect(splitUp(positionsOf(items), items, 2)).toEqual([[[0, 2, 1, 4]], [[3]]]);
});

it('cuts what is of one person into parts that go one after the other', () => {
  const items = itemsOf(['a', 'a', 'a', 'a', 'a']);

  expect(splitUp(positionsOf(items), items, 2)).toEqual([
    [
      [0, 1, 2],
      [3, 4],
    ],
  ]);
});

it('loses no item, doubles none, and makes every part smaller than the whole', () => {
  fc.assert(
    fc.property(anyItems, anyCount, (items, count) => {
      const parts = splitUp(positionsOf(items), items, count).flat();

      expect(parts.flat().sort((a, b) => a - b)).toEqual(positionsOf(items));
      for (const part of parts) {
        expect(part.length).toBeGreaterThan(0);
        expect(part.length).toBeLessThan(items.length);
      }
    }),
  );
});

it('never lets two parts that travel at once hold items of one person', () => {
  fc.assert(
    fc.property(anyItems, anyCount, (items, count) => {
      const people = splitUp(positionsOf(items), items, count).map(
        (inOrder) => new Set(inOrder.flat().flatMap((position) => items[position]?.keys ?? [])),
      );
      const all = people.flatMap((some) => [...some]);

      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

it('makes at most as many parts as asked for, and one more', () => {
  fc.assert(
    fc.property(anyItems, anyCount, (items, count) => {
      expect(splitUp(positionsOf(items), items, count).flat().length).toBeLessThanOrEqual(count + 1);
    }),
  );
});

it('probes the first items of two people, whichever the lot falls on', () => {
  fc.assert(
    fc.property(anyItems, fc.double({ min: 0, max: 1, noNaN: true }), (items, lot) => {
      const probes = probesOf(positionsOf(items), items, () => lot);
      const people = new Set(items.flatMap(({ keys }) => keys));
      const firsts = [...people].map((person) => items.findIndex(({ keys }) => keys.includes(person)));

      expect(new Set(probes).size).toBe(people.size > 1 ? 2 : items.length);
      if (people.size > 1) for (const probe of probes) expect(firsts).toContain(probe);
      else expect(probes).toEqual(positionsOf(items));
    }),
  );
});
