// Runs one command line and answers its exit code. Whatever goes wrong is told as a message and what to do.

import { CommanderError } from 'commander';
import { EXIT, Failure, toFailure } from './failure';
import type { Io } from './io';
import { fold } from './layout';
import { buildProgram } from './program';

/** @param argv what is typed after `relay`. */
export const runRelay = async (argv: readonly string[], io: Io): Promise<number> => {
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

const tell = (error: unknown, isVerbose: boolean, io: Io): number => {
  const { message, whatToDo, exitCode } = toFailure(error);
  io.err(fold(`${message}\n${whatToDo}`));
  if (isVerbose && error instanceof Error) io.err(error.stack ?? '');
  return exitCode;
};
