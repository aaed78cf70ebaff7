// Counts bytes as they pass, and tells whether they are UTF-8. A decoder puts U+FFFD in the place of those that are not,
// without a word: two ids would become one.

import { isUtf8 } from 'node:buffer';
import { Transform } from 'node:stream';

export class Meter extends Transform {
  bytes = 0;
  /** Whether something that has passed is no UTF-8. */
  isBroken = false;
  /** The beginning of a character whose end comes with the next chunk. */
  private begun: Buffer = Buffer.alloc(0);

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    if (!this.isBroken) this.look(chunk);
    done(null, chunk);
  }

  override _flush(done: () => void): void {
    if (this.begun.length > 0) this.isBroken = true;
    done();
  }

  private look(chunk: Buffer): void {
    const whole = this.begun.length === 0 ? chunk : Buffer.concat([this.begun, chunk]);
    const end = whole.length - begunLength(whole);
    this.begun = whole.subarray(end);
    this.isBroken = !isUtf8(whole.subarray(0, end));
  }
}

const MAX_BYTES = 4;

/** How many bytes at the end are the beginning of a character. */
const begunLength = (bytes: Buffer): number => {
  for (let back = 1; back < MAX_BYTES && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) !== 0b1000_0000) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
};

/** Of the character that begins with this byte. */
const lengthOf = (byte: number): number => {
  if (byte >= 0b1111_0000) return 4;
  if (byte >= 0b1110_0000) return 3;
  return byte >= 0b1100_0000 ? 2 : 1;
};
