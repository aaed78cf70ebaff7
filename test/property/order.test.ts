// A delivery under answers of every kind: what it says became of an item is so at the destination, and operations of
// one person or object arrive in their order; one that the destination does not order never before what is left, and
// nothing before a barrier that is left.

import fc from 'fast-check';
import type { HttpAnswer, HttpRequest, Item } from '../../lib/delivery/connector';
import { groupByKey } from '../../lib/delivery/group-by-key';
import { toJsonBytes } from '../../lib/delivery/json-bytes';
import { REQUEST_TIMEOUT_MS } from '../../lib/delivery/retry-policy';
import { contextOf, deliver, destinationOf, response } from '../support/destination';
import { runs } from '../support/property-runs';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** What the service says of a request, whatever is in it; undefined: it looks at the content. */
const MOODS: readonly (HttpAnswer | undefined)[] = [
  ...[undefined, undefined, undefined, undefined, undefined, undefined],
  ...[response(500), response(503, {}, { 'retry-after': '1' }), response(429, {}, { 'retry-after': '2' })],
  ...[response(403), response(302), response(207, { errors: {} })],
  response(503, {}, { 'retry-after': '-1', date: 'Tue, 24 Nov 2026 07:00:00 GMT' }),
  { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' },
  { kind: 'no_response', cause: 'network', code: 'ECONNRESET' },
  { kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' },
];

/** What the service says of the content; `refused` is an error of the item in an answer to all. */
const POISONS = ['', '', '', '', '', '', '', '', '500', '403', '400', 'refused'] as const;

interface Sent {
  readonly index: number;
  readonly poison: (typeof POISONS)[number];
}

const operation = fc.record({
  keys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 2 }),
  timestampMs: fc.nat(8),
  filler: fc.constantFrom(0, 0, 200, 3_000).map((length) => 'x'.repeat(length)),
  ...{ isUnordered: fc.boolean(), isBarrier: fc.boolean() },
  poison: fc.constantFrom(...POISONS),
});

const answerTo = (sent: readonly Sent[]): HttpAnswer => {
  const failing = sent.find(({ poison }) => Number(poison) > 0);
  if (failing !== undefined) return response(Number(failing.poison));
  const errors = sent.flatMap(({ poison }, batch_index) =>
    poison === 'refused' ? [{ batch_index, reason: 'no' }, { batch_index }] : [],
  );
  return response(errors.length > 0 ? 207 : 200, { errors });
};

const isTaken = (answer: HttpAnswer): boolean => answer.kind === 'response' && answer.status < 300;

/** By an error of its own, or because the request that was refused held nothing else. */
const isRefused = ({ poison }: Sent, sent: readonly Sent[], answer: HttpAnswer): boolean =>
  isTaken(answer) ? poison === 'refused' : poison === '400' && sent.length === 1;

/** A service, and what it took: for each item the number of the request that brought it. */
const serviceOf = (moods: readonly (HttpAnswer | undefined)[]) => {
  const taken = new Map<number, number>();
  const refused = new Set<number>();
  let requests = 0;
  const take = (sent: readonly Sent[], answer: HttpAnswer, request: number): void => {
    for (const { index } of sent.filter((one) => isRefused(one, sent, answer))) refused.add(index);
    if (!isTaken(answer)) return;
    for (const { index } of sent) if (!refused.has(index) && !taken.has(index)) taken.set(index, request);
  };
  const send = async ({ body }: HttpRequest): Promise<HttpAnswer> => {
    const { batch: sent } = JSON.parse(body.toString()) as { batch: Sent[] };
    requests += 1;
    const request = requests;
    const mood = moods[request - 1];
    const isSilent = mood?.kind === 'no_response' && mood.cause === 'timeout';
    await new Promise((resolve) => setTimeout(resolve, isSilent ? REQUEST_TIMEOUT_MS : request % 7));
    const answer = mood ?? answerTo(sent);
    if (mood === undefined) take(sent, answer, request);
    return answer;
  };
  return { send, taken, refused };
};

type Pair = readonly [earlier: number, later: number];

/** Pairs of items that have a key in common, in the order in which they must arrive. */
const pairsOf = (items: readonly Item[]): Pair[] =>
  groupByKey(items).flatMap((group) =>
    group.flatMap((earlier, place) =>
      group
        .slice(place + 1)
        .filter((later) => items[later]?.keys.some((key) => items[earlier]?.keys.includes(key)))
        .map((later): Pair => [earlier, later]),
    ),
  );

const placesOf = <Kind>(kinds: readonly Kind[], wanted: Kind): number[] =>
  kinds.flatMap((kind, index) => (kind === wanted ? [index] : []));

it('Whatever the destination answers, outcomes are true, and nothing overtakes what it must follow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 30 }),
      fc.array(fc.constantFrom(...MOODS), { maxLength: 12 }),
      fc.constantFrom(4_000, 10_000, 500_000),
      fc.constantFrom(60_000, 30_000),
      async (operations, moods, maxBatchBytes, timeMs) => {
        const items = operations.map(
          ({ poison, filler, ...item }, index): Item => ({
            ...item,
            json: toJsonBytes(JSON.stringify({ index, poison, filler })),
          }),
        );
        const { send, taken, refused } = serviceOf(moods);
        const endsAt = Date.now() + timeMs;
        const running = deliver(
          items,
          destinationOf({ maxBatchBytes }),
          contextOf(send, { remainingMs: () => endsAt - Date.now(), random: () => 0.4 }),
        );
        await jest.runAllTimersAsync();
        const kinds = (await running).outcomes.map(({ kind }) => kind);

        expect(kinds.map((kind) => kind === 'delivered')).toEqual(items.map((_, index) => taken.has(index)));
        expect([...refused]).toEqual(expect.arrayContaining(placesOf(kinds, 'rejected')));
        const arrived = pairsOf(items).filter(([, later]) => taken.has(later));
        for (const [earlier, later] of arrived)
          expect(taken.get(earlier) ?? 0).toBeLessThanOrEqual(taken.get(later) ?? 0);
        const left = placesOf(kinds, 'retry');
        const mustFollow = ([earlier, later]: Pair) =>
          items[later]?.isUnordered === true || items[earlier]?.isBarrier === true;
        for (const [earlier, later] of arrived.filter(mustFollow))
          expect({ later, after: left }).not.toEqual({ later, after: expect.arrayContaining([earlier]) });
      },
    ),
    { numRuns: runs(500) },
  );
});
