// What a command may touch of the process it runs in. Results go to standard output and nothing else does, so that a
// script can read them; progress, questions and complaints go to standard error.

import type { Readable } from 'node:stream';

export type Color = 'green' | 'yellow' | 'red' | 'dim';

export interface Io {
  /** One result, as text; a line break is added. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  /** Asks on a terminal; undefined where nobody can answer. */
  ask: ((question: string) => Promise<string>) | undefined;
  readonly stdin: Readable;
  /** Where a progress line may be rewritten; undefined where standard error is no terminal. */
  readonly progressStream: NodeJS.WriteStream | undefined;
  /** For results: coloured on a terminal that wants colours, else as it is. */
  paint(color: Color, text: string): string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C: commands come to an end that the same command continues. */
  readonly signal: AbortSignal;
}
