// Unpacks gzip. Of a file that is cut off comes all that is there: zlib's own error would throw away what waits to be
// read, so the stream ends instead, and says why.

import type { Readable } from 'node:stream';
import { constants, createGunzip, type Gunzip } from 'node:zlib';
import { Meter } from './meter';

export interface Unpacked {
  readonly stream: Meter;
  /** What is wrong with the gzip; known once the stream has ended. */
  fault(): Error | undefined;
}

export const unpack = (packed: Readable): Unpacked => {
  const gunzip = createGunzip();
  const stream = new Meter();
  let fault: Error | undefined;
  gunzip.once('error', (error) => {
    fault = error;
    stream.end();
  });
  packed.once('error', (error) => stream.destroy(error));
  packed.once('end', () => gunzip.flush(constants.Z_SYNC_FLUSH, () => endOnceEmpty(gunzip)));
  packed.pipe(gunzip, { end: false });
  gunzip.pipe(stream);
  return { stream, fault: () => fault };
};

/** At its end it checks whether there should be more; what it has unpacked must be read by then. */
const endOnceEmpty = (gunzip: Gunzip): void => {
  if (gunzip.readableLength === 0) gunzip.end();
  else gunzip.once('data', () => setImmediate(endOnceEmpty, gunzip));
};
