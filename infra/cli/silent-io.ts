// For whoever only looks at the commands and runs none.

import { Readable } from 'node:stream';
import type { Io } from './io';

export const SILENT_IO: Io = {
  out: () => {},
  err: () => {},
  ask: undefined,
  stdin: Readable.from([]),
  progressStream: undefined,
  paint: (_, text) => text,
  env: {},
  signal: new AbortController().signal,
};
