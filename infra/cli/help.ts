// `relay help <command>`, as people type it who know git: the same as `relay <command> --help`.

import type { Command } from 'commander';
import { usageFailure } from './failure';
import { describeCommand, pathOf } from './words';

export const addHelp = (program: Command): void => {
  describeCommand(program.command('help'), {
    summary: 'what --help says of a command',
    description: 'Explains a command, or with none of them all.',
    examples: ['relay help import', 'relay help dead-letters retry'],
  })
    .argument('[command...]', 'as it is typed after `relay`')
    .action((words: string[]) => commandOf(program, words).outputHelp());
};

const commandOf = (command: Command, [word, ...rest]: readonly string[]): Command => {
  if (word === undefined) return command;
  const found = command.commands.find((sub) => sub.name() === word);
  if (found !== undefined) return commandOf(found, rest);
  const names = command.commands.map((sub) => sub.name()).join(', ');
  throw usageFailure(
    `${pathOf(command)} has no command "${word}".`,
    names === '' ? `To see how it is called: npx ${pathOf(command)} --help` : `It has: ${names}.`,
  );
};
