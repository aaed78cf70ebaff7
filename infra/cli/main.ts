// The process around the command line: its streams, its terminal, Ctrl-C.

import { styleText } from 'node:util';
import { askOn } from './ask';
import { EXIT } from './failure';
import type { Io } from './io';
import { runRelay } from './run';

const interruption = new AbortController();

/** A command that is still there by then looks as if it had not noticed. */
const NOT_ENDED_MS = 1_000;

/** Once: a command comes to its end. Twice: at once. */
const interrupt = (): void => {
  if (interruption.signal.aborted) process.exit(EXIT.interrupted);
  interruption.abort();
  setTimeout(() => io.err('Comes to its end; Ctrl-C once more ends it at once.'), NOT_ENDED_MS).unref();
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

const io: Io = {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  ask:
    process.stdin.isTTY && process.stderr.isTTY
      ? askOn(process.stdin, process.stderr, interruption)
      : undefined,
  stdin: process.stdin,
  progressStream: process.stderr.isTTY ? process.stderr : undefined,
  // Node's own rule: no colours where standard output is no terminal, or NO_COLOR is set.
  paint: (color, text) => styleText(color, text, { stream: process.stdout }),
  env: process.env,
  signal: interruption.signal,
};

/** What somebody has who closes the other end: `| head`. */
const ENOUGH = 'EPIPE';
/** Why no results can be written any more; undefined while they can. */
let outputError: string | undefined;

/** Whether the reader has enough of them or the disk is full: what is held of a queue is still put back. */
const endEarly = ({ code = 'unknown' }: NodeJS.ErrnoException): void => {
  interruption.abort();
  // After the first error every write has one.
  if (outputError !== undefined) return;
  outputError = code;
  if (code === ENOUGH) return;
  process.exitCode = EXIT.failure;
  io.err(
    `What was written to standard output is not whole: ${code}.\nLook at where it goes, and give the command again.`,
  );
};
process.stdout.on('error', endEarly);
// Nobody is there to be told of it.
process.stderr.on('error', () => {});

const exitCodeFor = (code: number): number => {
  if (outputError === undefined) return code;
  if (outputError !== ENOUGH) return EXIT.failure;
  return code === EXIT.interrupted ? EXIT.success : code;
};

runRelay(process.argv.slice(2), io).then((code) => {
  process.exitCode = exitCodeFor(code);
});
