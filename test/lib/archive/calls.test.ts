import fc from 'fast-check';
import { toCalls } from '../../../lib/archive/calls';
import {
  MAX_CALL_BYTES,
  MAX_CALL_RECORDS,
  MAX_RECORD_BYTES,
  MAX_RECORD_LINES,
  toRecords,
} from '../../../lib/archive/records';

const line = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'grapheme', maxLength: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }).map((length) => '€'.repeat(length)) },
);

interface Sent {
  readonly DeliveryStreamName: string;
  readonly Records: readonly { readonly Data: string }[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

it('Every line is in one record, in order, and no record or call is beyond the limits of Firehose', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (some, times) => {
      const lines = Array.from({ length: times }, () => some).flat();
      const calls = toCalls('stream', lines);
      const sent = calls.map((call) => JSON.parse(call.end().toString()) as Sent);
      const data = sent.map(({ Records }) => Records.map(({ Data }) => Buffer.from(Data, 'base64')));

      expect(data.flat().join('')).toBe(lines.map((one) => `${one}\n`).join(''));
      expect(calls.flatMap(({ records }) => records)).toEqual(toRecords(lines));
      expect(data.map(({ length }) => length)).toEqual(calls.map(({ records }) => records.length));
      for (const { count } of toRecords(lines)) expect(count).toBeLessThanOrEqual(MAX_RECORD_LINES);
      for (const one of data.flat()) expect(one.length).toBeLessThanOrEqual(MAX_RECORD_BYTES);
      for (const ofCall of data) {
        expect(ofCall.length).toBeLessThanOrEqual(MAX_CALL_RECORDS);
        expect(sum(ofCall.map(({ length }) => length))).toBeLessThanOrEqual(MAX_CALL_BYTES);
      }
      for (const call of calls) call.release();
    }),
    { numRuns: 50 },
  );
});

it('A call is full when its records or their bytes are', () => {
  const short = toCalls('stream', Array.from({ length: MAX_RECORD_LINES * (MAX_CALL_RECORDS + 1) }, String));
  const long = toCalls(
    'stream',
    Array.from({ length: 14 }, () => 'x'.repeat(300_000)),
  );

  expect(short.map(({ records }) => records.length)).toEqual([MAX_CALL_RECORDS, 1]);
  expect(long.map(({ records }) => records.length)).toEqual([13, 1]);
});

it('Two calls at once do not share their memory, and a released one is written anew', () => {
  const [one] = toCalls('stream', ['one']);
  const [two] = toCalls('stream', ['two']);
  const [first, second] = [one?.end().toString(), two?.end().toString()];
  one?.release();
  const [three] = toCalls('stream', ['three']);

  expect(first).toContain(btoa('one\n'));
  expect(second).toContain(btoa('two\n'));
  expect(two?.end().toString()).toContain(btoa('two\n'));
  expect(three?.end().toString()).toBe(
    `{"DeliveryStreamName":"stream","Records":[{"Data":"${btoa('three\n')}"}]}`,
  );
});

it('Lines share records: a thousand short ones are two, and not a thousand times five kilobytes on the bill', () => {
  const records = toRecords(Array.from({ length: 1_000 }, (_, index) => `{"line":${index}}`));

  expect(records.map(({ count }) => count)).toEqual([500, 500]);
});
