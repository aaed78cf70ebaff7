// The ULID by which Customer.io knows an event it has had already: vectors worked out elsewhere, which a change
// of the code must not change.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ulid } from '../../../lib/mapping/ulid';
import { anyCharacter } from '../../support/any-character';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The specification word for word: one number of 128 bits, five bits a character. */
const specified = (messageId: string, ms: number): string => {
  const digest = createHash('sha256').update(messageId).digest('hex').slice(0, 20);
  let bits = (BigInt(ms) << 80n) | BigInt(`0x${digest}`);
  let text = '';
  for (let at = 0; at < 26; at += 1, bits >>= 5n) text = ALPHABET[Number(bits & 31n)] + text;
  return text;
};

describe('ulid', () => {
  it.each([
    ['', 0, '0000000000WERC8GMRZGE196QV'],
    ['node-next-1714979289123-e764b973', 1714979289123, '01HX6BPE13VB04AEM2E2VRHMH6'],
    ['ÄÖ-💌', 281474976710655, '7ZZZZZZZZZPFZ7TM66SS765GW1'],
  ])('of %p at %p is %s', (messageId, ms, expected) => {
    expect(ulid(messageId, ms)).toBe(expected);
  });

  it('is what the specification says for every id and time', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), fc.nat({ max: 2 ** 48 - 1 }), (messageId, ms) => {
        expect(ulid(messageId, ms)).toBe(specified(messageId, ms));
      }),
    );
  });

  it('counts a time before 1970 as 0 and ends with the time 48 bits can hold', () => {
    expect(ulid('id', -1)).toBe(specified('id', 0));
    expect(ulid('id', 8.64e15)).toBe(specified('id', 2 ** 48 - 1));
  });

  it('sorts by time', () => {
    expect(ulid('b', 1_000) < ulid('a', 1_001)).toBe(true);
  });
});
