import fc from 'fast-check';
import {
  MAX_CALL_BYTES,
  MAX_CALL_RECORDS,
  MAX_RECORD_BYTES,
  MAX_RECORD_LINES,
  toCalls,
  toRecords,
} from '../../../lib/archive/records';

const line = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'grapheme', maxLength: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }).map((length) => '€'.repeat(length)) },
);

it('Every line is in one record, in order, and no record or call is beyond the limits of Firehose', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (some, times) => {
      const lines = Array.from({ length: times }, () => some).flat();
      const records = toRecords(lines);
      const calls = toCalls(records);

      expect(records.map(({ data }) => Buffer.from(data, 'base64').toString()).join('')).toBe(
        lines.map((one) => `${one}\n`).join(''),
      );
      expect(records.reduce((sum, { count }) => sum + count, 0)).toBe(lines.length);
      for (const { data, bytes, count } of records) {
        expect(count).toBeLessThanOrEqual(MAX_RECORD_LINES);
        expect(bytes).toBe(Buffer.from(data, 'base64').length);
        expect(bytes).toBeLessThanOrEqual(MAX_RECORD_BYTES);
      }
      expect(calls.flat()).toEqual(records);
      for (const call of calls) {
        expect(call.length).toBeLessThanOrEqual(MAX_CALL_RECORDS);
        expect(call.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MAX_CALL_BYTES);
      }
    }),
    { numRuns: 50 },
  );
});

it('Lines share records: a thousand short ones are two, and not a thousand times five kilobytes on the bill', () => {
  const records = toRecords(Array.from({ length: 1_000 }, (_, index) => `{"line":${index}}`));

  expect(records.map(({ count }) => count)).toEqual([500, 500]);
});
