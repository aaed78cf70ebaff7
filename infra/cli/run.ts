// Runs one command line and answers its exit code. Whatever goes wrong is told as a message and what to do.

import { randomUUID } from 'node:crypto';
import { CommanderError } from 'commander';
import { visible } from '../console/visible';
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

/**
 * Ids, names and bodies of events may hold what a terminal acts on, colours too. In JSON what is written instead is the
 * same value. What a command paints itself is told by marks around it that no event can know.
 */
const safe = (io: Io): Io => {
  const { ask } = io;
  const mark = randomUUID();
  const shown = (text: string): string =>
    text
      .split(mark)
      .map((part, index) => (index % 2 === 0 ? visible(part) : part))
      .join('');
  return {
    ...io,
    out: (text) => io.out(shown(text)),
    err: (text) => io.err(shown(text)),
    ask: ask && ((question) => ask(shown(question))),
    paint: (color, text) => `${mark}${io.paint(color, visible(text))}${mark}`,
  };
};

const tell = (error: unknown, isVerbose: boolean, io: Io): number => {
  const { message, whatToDo, exitCode } = toFailure(error);
  io.err(fold(`${message}\n${whatToDo}`));
  if (isVerbose && error instanceof Error) io.err(error.stack ?? '');
  return exitCode;
};
