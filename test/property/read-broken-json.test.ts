// Whatever breaks one event of a batch, its neighbours are saved as they were, in order, and no event appears that
// nobody sent: not even from a part of a broken event that looks like an event. FUZZ_RUNS=10000 is the long run.

import fc from 'fast-check';
import { readBrokenJson, type SavedBody } from '../../lib/ingest/read-broken-json';
import { runs } from '../support/property-runs';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? runs(1_000));

/** Texts that look like JSON, as people type them. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    ',',
    ':',
    '{',
    '},',
    '"',
    '\\',
    '","',
    '{"type":"track"}',
    '"}],"sentAt":"',
    'é🎉',
    '\n',
  ),
  fc.string({ maxLength: 6 }),
);
/** A part of an event that looks like an event: it must never become one. */
const lookalike = fc
  .tuple(fc.constantFrom('track', 'identify'), text)
  .map(([type, label]) => ({ type, userId: 'NESTED', label }));
const value = fc.oneof(
  text,
  fc.integer(),
  fc.constantFrom(null, true, 1.5e30),
  lookalike,
  fc.array(lookalike, { minLength: 1, maxLength: 3 }),
  fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }),
  fc.record({ list: fc.array(lookalike, { maxLength: 2 }), note: text }),
);
const eventWith = (id: number) =>
  fc
    .tuple(
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), value),
      fc.dictionary(fc.constantFrom('x', 'y'), value),
    )
    .map(([properties, more]) => ({ type: 'track', messageId: `m${id}`, userId: 'u', properties, ...more }));
const events = fc
  .integer({ min: 2, max: 5 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, id) => eventWith(id))));

const ENVELOPE_END = '],"sentAt":"2026-11-24T05:00:00Z","writeKey":"wk"}';
const batchOf = (elements: readonly string[], separator = ','): string =>
  `{"batch":[${elements.join(separator)}${ENVELOPE_END}`;
const json = (value: unknown): string => JSON.stringify(value);
const saved = ({ envelopes }: SavedBody): unknown[] => envelopes.flatMap(({ events: found }) => found);
const check = <Values extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Values>): void =>
  fc.assert(property, { numRuns: RUNS });

/** One character lost, changed or come in. A bracket that became another one is two faults. */
const damage = fc
  .record({
    where: fc.double({ min: 0, max: 0.999, noNaN: true }),
    insert: fc.constantFrom('', '', '', '"', '{', '}', '[', ']', ',', ':', 'x', '\\', '\n', '\0'),
    remove: fc.nat(1),
  })
  .map((one) => ('{}[]'.includes(one.insert) && one.insert !== '' ? { ...one, remove: 0 } : one));
const apply = (
  whole: string,
  { where, insert, remove }: { where: number; insert: string; remove: number },
) => {
  const at = Math.floor(where * whole.length);
  return whole.slice(0, at) + insert + whole.slice(at + remove);
};
const isJson = (candidate: string): boolean => {
  try {
    JSON.parse(candidate);
    return true;
  } catch {
    return false;
  }
};

describe('readBrokenJson, whatever comes', () => {
  it('saves all of a batch with stray, doubled and missing commas and NULs between events', () => {
    check(
      fc.property(
        events,
        fc.constantFrom('', ',,', ' ,\n', '\0\0', '\0,\0', '\r\n'),
        fc.boolean(),
        (all, gap, isCut) => {
          const body = batchOf(all.map(json), gap);
          const result = readBrokenJson(isCut ? body.slice(0, -ENVELOPE_END.length) : body, 'batch');

          expect(result.isComplete).toBe(true);
          expect(saved(result)).toEqual(all);
        },
      ),
    );
  });

  it('saves the neighbours of one damaged event, and nothing of it that it was not', () => {
    check(
      fc.property(events, fc.nat(4), damage, (all, which, harm) => {
        const index = which % all.length;
        const broken = apply(json(all[index]), harm);
        const body = batchOf(all.map((event, at) => (at === index ? broken : json(event))));
        fc.pre(!isJson(body));
        const neighbours = all.filter((_, at) => at !== index);
        const result = readBrokenJson(body, 'batch');

        // What was harmed so little that it is JSON still counts as it came, or as it was before.
        const likely = isJson(broken) ? [all[index], JSON.parse(broken)] : [all[index]];
        const harmed = saved(result).filter((event) => isOf(event, index));

        expect(saved(result).filter((event) => !isOf(event, index))).toEqual(neighbours);
        expect(harmed.filter((event) => !likely.some((one) => json(one) === json(event)))).toEqual([]);
        expect(result.envelopes.at(-1)?.fields).toEqual({ sentAt: '2026-11-24T05:00:00Z', writeKey: 'wk' });
      }),
    );
  });

  it('saves the whole events of a body that lost its tail', () => {
    check(
      fc.property(events, fc.nat(), (all, seed) => {
        const body = batchOf(all.map(json));
        const end = seed % body.length;
        const whole = all.filter(
          (_, at) => batchOf(all.slice(0, at + 1).map(json)).length - ENVELOPE_END.length <= end,
        );

        expect(saved(readBrokenJson(body.slice(0, end), 'batch'))).toEqual(whole);
      }),
    );
  });

  it('saves the whole events of a body that lost its head', () => {
    check(
      fc.property(events, fc.nat(), (all, seed) => {
        const body = batchOf(all.map(json));
        const length = seed % body.length;
        const whole = all.filter(
          (_, at) => all.slice(at).map(json).join(',').length + ENVELOPE_END.length <= length,
        );

        expect(saved(readBrokenJson(body.slice(body.length - length), 'batch'))).toEqual(whole);
      }),
    );
  });

  it('saves what follows events that were cut and written over', () => {
    check(
      fc.property(events, fc.nat(), (all, seed) => {
        const [first, ...rest] = all.map(json);
        const { open, cut } = cutOutsideArrays(first ?? '', seed);
        fc.pre(open);
        const body = `{"batch":[${cut}${rest.join(',')}${ENVELOPE_END}`;
        const result = readBrokenJson(body, 'batch');

        expect(saved(result)).toEqual(all.slice(1));
        expect(result.isComplete).toBe(false);
      }),
    );
  });

  it('reads joined envelopes one after another', () => {
    check(
      fc.property(events, events, fc.constantFrom('', '\n', '\0', ','), (first, second, gap) => {
        const result = readBrokenJson(
          `${batchOf(first.map(json))}${gap}${batchOf(second.map(json))}`,
          'batch',
        );

        expect(result.isComplete).toBe(true);
        expect(result.envelopes.map(({ events: found }) => found)).toEqual([first, second]);
      }),
    );
  });
});

const isOf = (event: unknown, index: number): boolean =>
  (event as { messageId?: unknown }).messageId === `m${index}`;

/** Cut inside a name, where the next event's brace cannot be a value. */
const cutOutsideArrays = (event: string, seed: number): { open: boolean; cut: string } => {
  const names = ['"mess', '"user', '"prop'].filter((name) => event.includes(name));
  const name = names[seed % names.length] ?? '';
  return { open: name !== '', cut: event.slice(0, event.indexOf(name) + name.length) };
};
