// The ULID that lets Customer.io ignore an event it has had already. The rule: the same messageId and time give
// the same ULID, for ever; a change here would let every event in flight be counted twice.

import { hash } from 'node:crypto';

const MAX_TIME_MS = 2 ** 48 - 1;
/** Crockford's base 32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Ten bits at a time: two characters a look-up. Each is made when it is first looked up, not with a cold start. */
// Stryker disable next-line ArrayDeclaration: only spares the list its growing
const PAIRS = new Array<string>(1_024);

/**
 * 48 bits of time and the first 80 bits of the SHA-256 of `messageId` (UTF-8), as the ULID specification lays
 * them out. A time before 1970 counts as 0.
 */
export const ulid = (messageId: string, timeMs: number): string => {
  const ms = Math.min(Math.max(timeMs, 0), MAX_TIME_MS);
  const digest = hash('sha256', messageId, 'binary');
  return (
    encode20Bits(Math.floor(ms / 2 ** 30)) +
    encode20Bits(Math.floor(ms / 2 ** 10) % 2 ** 20) +
    encode10Bits(ms % 2 ** 10) +
    encode40Bits(digest, 0) +
    encode40Bits(digest, 5)
  );
};

/** Five bytes of the digest, which holds each as one character. */
const encode40Bits = (digest: string, from: number): string => {
  const byteAt = (place: number): number => digest.charCodeAt(from + place);
  return (
    encode20Bits((byteAt(0) << 12) | (byteAt(1) << 4) | (byteAt(2) >>> 4)) +
    encode20Bits(((byteAt(2) & 15) << 16) | (byteAt(3) << 8) | byteAt(4))
  );
};

const encode20Bits = (bits: number): string => encode10Bits(bits >>> 10) + encode10Bits(bits & 1023);

const encode10Bits = (bits: number): string => {
  PAIRS[bits] ??= ALPHABET.charAt(bits >>> 5) + ALPHABET.charAt(bits & 31);
  return PAIRS[bits];
};
