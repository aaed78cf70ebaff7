// The whole command line: every command, option and example. Help, docs/cli.md and the completion come from here.

import { Command } from 'commander';
import { version } from '../../package.json';
import { addCompare } from './archive/compare';
import { addForget } from './archive/forget';
import { addReplay } from './archive/replay';
import { addTrace } from './archive/trace';
import { addCompletion } from './completion';
import { addConsole } from './console';
import { addCost } from './cost';
import { addDeadLetters } from './dead-letters/commands';
import { addDoctor } from './doctor/doctor';
import { EXIT } from './failure';
import { addHelp } from './help';
import { addImport } from './import/commands';
import type { Io } from './io';
import { addRules } from './rules/commands';
import { addSend } from './send';
import { addSettings } from './settings/commands';
import { addTail } from './tail/tail';
import { describeCommand, pathOf } from './words';

const HELP_WIDTH = 80;

export const buildProgram = (io: Io): Command => {
  const program = describeCommand(new Command('relay'), {
    summary: 'the operator’s command line of cio-relay',
    description:
      'Works on the local stack while it runs (npm start), or on a stage on AWS with --stage. It says what it will do before it does it.',
    examples: [
      'relay send --user u1 --event "Signed Up" --translate',
      'relay import archive.ndjson.gz --dry-run',
      'relay dead-letters list --stage prod',
    ],
  });
  program
    .option('--stage <stage>', 'a stage on AWS; without it, the local stack')
    .option('--json', 'results as JSON, for scripts')
    .option('--verbose', 'with a failure, show where it happened')
    .version(version, '-V, --version', 'which version this is')
    .addHelpText('after', EXIT_CODES);
  addDeadLetters(program, io);
  addImport(program, io);
  addSend(program, io);
  addRules(program, io);
  addSettings(program, io);
  addTail(program, io);
  addDoctor(program, io);
  addTrace(program, io);
  addReplay(program, io);
  addForget(program, io);
  addCompare(program, io);
  addCost(program, io);
  addConsole(program, io);
  addCompletion(program, io);
  addHelp(program);
  return withManners(program, io);
};

const EXIT_CODES = `
Exit codes: ${EXIT.success} done, ${EXIT.failure} failed, ${EXIT.usage} wrongly called, ${EXIT.interrupted} interrupted.
Results go to standard output, everything else to standard error.`;

/** How every command behaves: it throws instead of ending the process, and writes where `io` says. */
const withManners = (command: Command, io: Io): Command => {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.replace(/\n$/, '')),
      writeErr: (text) => io.err(text.replace(/\n$/, '')),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      outputError: (text, write) => write(text.replace(/^error: /, '')),
    })
    .showHelpAfterError(`To see how it is called: npx ${pathOf(command)} --help`)
    .helpCommand(false);
  for (const sub of command.commands) withManners(sub, io);
  return command;
};
