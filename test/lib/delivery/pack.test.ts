// How requests are filled, case by case; what holds for every input is in test/property/pack.test.ts.

import type { Item } from '../../../lib/delivery/connector';
import { toJsonBytes } from '../../../lib/delivery/json-bytes';
import { type PackedRequest, pack } from '../../../lib/delivery/pack';

/** Room for 400 bytes of items, each with the comma behind it. */
const LIMITS = { maxBatchBytes: 411, envelopeBytes: 12, maxItems: Infinity };

/** Its bytes are those it takes of a request's room. */
const item = (bytes: number, key: string): Item => ({
  json: toJsonBytes('x'.repeat(bytes - 1)),
  keys: [key],
  timestampMs: 0,
});

/** Items of one person. */
const group = (key: string, ...sizes: readonly number[]): Item[] => sizes.map((bytes) => item(bytes, key));

const people = (count: number, ...sizes: readonly number[]): Item[] =>
  Array.from({ length: count }, (_, index) => group(`${sizes}/${index}`, ...sizes)).flat();

const waits = (requests: readonly PackedRequest[]): (readonly number[])[] =>
  requests.map(({ after }) => after);

it('Nobody is split to save one request in fifty', () => {
  const items = [...people(48, 400), ...people(3, 105, 105)];

  const requests = pack(items, LIMITS);

  expect(requests).toHaveLength(51);
  expect(waits(requests).flat()).toEqual([]);
});

it('Nobody is split where that saves nothing', () => {
  const items = [...people(3, 260), ...group('small', 150), ...group('pair', 100, 100)];

  const requests = pack(items, LIMITS);

  expect(requests).toHaveLength(4);
  expect(waits(requests).flat()).toEqual([]);
});

it('Where splitting saves a request, what goes on waits for what it continues, and for nothing else', () => {
  const items = [...people(2, 390), ...people(3, 125, 125)];

  const requests = pack(items, LIMITS);

  expect(requests.map(({ positions }) => positions)).toEqual([[0], [1], [2, 3, 4], [5, 6, 7]]);
  expect(waits(requests)).toEqual([[], [], [], [2]]);
});

it('What takes up to a hundredth of a request fills the gaps of all of them', () => {
  const items = [...people(10, 380), ...people(50, 4)];

  const requests = pack(items, { ...LIMITS, maxItems: 90 });

  expect(requests).toHaveLength(10);
  expect(requests.flatMap(({ positions }) => positions).sort((a, b) => a - b)).toEqual([...items.keys()]);
  expect(Math.max(...requests.map(({ bytes }) => bytes))).toBe(411);
});

it('The bytes of a request are those of its whole body', () => {
  const body = '{"batch":["","",""]}';

  const requests = pack(group('one', 3, 3, 3), LIMITS);

  expect(requests).toEqual([{ positions: [0, 1, 2], after: [], bytes: body.length }]);
});

it('Many small items of one person are split where a request takes only so many', () => {
  const items = group('busy', 1, 1, 1);

  const requests = pack(items, { ...LIMITS, maxItems: 2 });

  expect(requests.map(({ positions }) => positions)).toEqual([[0, 1], [2]]);
  expect(waits(requests)).toEqual([[], [0]]);
});
