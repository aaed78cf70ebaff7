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

let isEnough = false;

/** Whoever reads the results may have enough of them, as `| head` has: what is held of a queue is still put back. */
const endEarly = (): void => {
  isEnough = true;
  interruption.abort();
};
process.stdout.on('error', endEarly);
// Nobody is there to be told of it.
process.stderr.on('error', () => {});

runRelay(process.argv.slice(2), io).then((code) => {
  process.exitCode = isEnough && code === EXIT.interrupted ? EXIT.success : code;
});
