// The ULID that lets Customer.io ignore an event it has had already. The rule: the same messageId and time give
// the same ULID, for ever; a change here would let every event in flight be counted twice.

import { hash } from 'node:crypto';

const MAX_TIME_MS = 2 ** 48 - 1;
/** Crockford's base 32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Ten bits at a time: two characters a look-up. Each is made when it is first looked up, not with a cold start. */
const PAIRS = new Array<string>(1_024);

/**
 * 48 bits of time and the first 80 bits of the SHA-256 of `messageId` (UTF-8), as the ULID specification lays
 * them out. A time before 1970 counts as 0.
 */
export const ulid = (messageId: string, timeMs: number): string => {
  const ms = Math.min(Math.max(timeMs, 0), MAX_TIME_MS);
  const digest = hash('sha256', messageId, 'hex');
  return (
    encode20Bits(Math.floor(ms / 2 ** 30)) +
    encode20Bits(Math.floor(ms / 2 ** 10) % 2 ** 20) +
    encode10Bits(ms % 2 ** 10) +
    encode20Bits(Number.parseInt(digest.slice(0, 5), 16)) +
    encode20Bits(Number.parseInt(digest.slice(5, 10), 16)) +
    encode20Bits(Number.parseInt(digest.slice(10, 15), 16)) +
    encode20Bits(Number.parseInt(digest.slice(15, 20), 16))
  );
};

const encode20Bits = (bits: number): string => encode10Bits(bits >>> 10) + encode10Bits(bits & 1023);

const encode10Bits = (bits: number): string => {
  PAIRS[bits] ??= ALPHABET.charAt(bits >>> 5) + ALPHABET.charAt(bits & 31);
  return PAIRS[bits];
};
