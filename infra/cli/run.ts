// Runs one command line and answers its exit code. Whatever goes wrong is told as a message and what to do.

import { CommanderError } from 'commander';
import { visibleOnTerminal } from '../console/visible';
import { EXIT, Failure, toFailure } from './failure';
import type { Io } from './io';
import { fold } from './layout';
import { buildProgram } from './program';

/** @param argv what is typed after `relay`. */
export const runRelay = async (argv: readonly string[], unsafe: Io): Promise<number> => {
  const io = safe(unsafe);
  try {
    await buildProgram({ ...io, err: (text) => io.err(fold(text)) }).parseAsync(argv, { from: 'user' });
    return EXIT.success;
  } catch (error) {
    // The parser has said what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    // What Ctrl-C cuts off has nothing to say, unless it knows how to go on.
    if (io.signal.aborted && !(error instanceof Failure)) return EXIT.interrupted;
    return tell(error, argv.includes('--verbose'), io);
  }
};

/** Ids, names and bodies of events may hold what a terminal acts on. In JSON what is written instead is the same value. */
const safe = (io: Io): Io => {
  const { ask } = io;
  return {
    ...io,
    out: (text) => io.out(visibleOnTerminal(text)),
    err: (text) => io.err(visibleOnTerminal(text)),
    ask: ask && ((question) => ask(visibleOnTerminal(question))),
  };
};

const tell = (error: unknown, isVerbose: boolean, io: Io): number => {
  const { message, whatToDo, exitCode } = toFailure(error);
  io.err(fold(`${message}\n${whatToDo}`));
  if (isVerbose && error instanceof Error) io.err(error.stack ?? '');
  return exitCode;
};
