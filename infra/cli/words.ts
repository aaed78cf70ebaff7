// How a command explains itself: examples first, then how it is written.

import type { Command } from 'commander';

export interface Description {
  /** A few words, for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** Without `npx`, where `relay` is the first word; as they are otherwise. */
  readonly examples: readonly string[];
}

const examplesOf = new WeakMap<Command, readonly string[]>();

/** For docs/cli.md. */
export const examplesFor = (command: Command): readonly string[] => examplesOf.get(command) ?? [];

export const describeCommand = (
  command: Command,
  { summary, description, examples }: Description,
): Command => {
  examplesOf.set(command, examples);
  const lines = examples.map((example) => `  $ ${withNpx(example)}`).join('\n');
  return command
    .summary(summary)
    .description(description)
    .addHelpText('before', `Examples:\n${lines}\n\n`)
    .configureHelp({ showGlobalOptions: true });
};

/** The options of the command and of the program. The caller names what its own options declare. */
export const optionsOf = <Options>(command: Command): Options => command.optsWithGlobals<Options & object>();

/** As it is to be typed. */
export const withNpx = (example: string): string =>
  example.startsWith('relay ') ? `npx ${example}` : example;

/** `relay dead-letters list` */
export const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
