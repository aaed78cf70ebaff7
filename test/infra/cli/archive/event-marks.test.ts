// The table of marks, against a Map.

import fc from 'fast-check';
import { EventMarks } from '../../../../infra/cli/archive/event-marks';

/** Most share their last bits, so that they want the same slots; 0 is an event as others are. */
const events = fc.oneof(
  fc.bigInt({ min: 0n, max: 40n }).map((high) => high << 40n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

it('It has the last mark of each event, however many want the same place', () => {
  const entries = fc.array(fc.tuple(events, fc.integer({ min: 1, max: 255 })), {
    maxLength: 3_000,
    size: 'max',
  });
  fc.assert(
    fc.property(entries, fc.array(events), (marked, others) => {
      const marks = new EventMarks();
      const expected = new Map<bigint, number>();
      for (const [event, mark] of marked) {
        marks.set(event, mark);
        expected.set(event, mark);
      }
      const all = [...expected.keys(), ...others];
      expect(all.map((event) => marks.of(event))).toEqual(all.map((event) => expected.get(event) ?? 0));
    }),
    { numRuns: 30 },
  );
});

it('A million events keep their marks', () => {
  const marks = new EventMarks();
  const all = Array.from(
    { length: 1_000_000 },
    (_, index) => (BigInt(index) * 0x9e3779b97f4a7c15n) % 2n ** 64n,
  );
  for (const [index, event] of all.entries()) marks.set(event, 1 + (index % 200));

  expect(all.findIndex((event, index) => marks.of(event) !== 1 + (index % 200))).toBe(-1);
});
