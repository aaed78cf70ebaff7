// Completion for bash, zsh and fish, out of the parser: the commands, their options, and the choices of those that have
// some. Everything stands in the script, so that the Tab key starts no process.

import { Argument, type Command } from 'commander';
import type { Io } from './io';
import { describeCommand } from './words';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const addCompletion = (program: Command, io: Io): void => {
  describeCommand(program.command('completion'), {
    summary: 'a script for your shell that completes these commands',
    description:
      'Prints a completion script. It completes the word `relay`: have it by `alias relay="npx relay"`, or `npm link`.',
    examples: [
      'relay completion fish | source',
      'source <(npx relay completion bash)',
      'source <(npx relay completion zsh)',
    ],
  })
    .addArgument(new Argument('<shell>', 'your shell').choices([...SHELLS]))
    .action((shell: string) =>
      io.out(SCRIPTS[shell === 'fish' || shell === 'zsh' ? shell : 'bash'](program)),
    );
};

interface CompletionPoint {
  /** What is typed before, like `dead-letters list`. */
  readonly path: string;
  readonly command: Command;
}

const pointsOf = (command: Command, path = ''): CompletionPoint[] => [
  { path, command },
  ...command.commands.flatMap((sub) => pointsOf(sub, `${path} ${sub.name()}`.trim())),
];

const HELP = 'help';

/** Behind `help` stand the words of another command, and none of its options. */
const helpPointsOf = (program: Command): CompletionPoint[] =>
  pointsOf(program, HELP).filter(({ path }) => path !== `${HELP} ${HELP}`);

const namesOf = ({ commands }: Command): string[] => commands.map((sub) => sub.name());

const flagsOf = (command: Command): string[] => command.options.flatMap(({ long }) => long ?? []);

/** Of several values the second and the others do not stand behind the option. */
const choicesOf = (command: Command): string[] => [
  ...command.options.flatMap(({ argChoices, variadic }) => (variadic ? (argChoices ?? []) : [])),
  ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
];

const wordsOf = (command: Command, program: Command): string[] => [
  ...namesOf(command),
  ...new Set([...choicesOf(command), ...flagsOf(command), ...flagsOf(program), '--help']),
];

/** Behind an option its own choices; where it has none, nothing, for which the shell offers files. */
const valuesOf = ({ path, command }: CompletionPoint): string[] =>
  command.options.flatMap(({ long, argChoices, required }) => {
    const place = path === '' ? `*' ${long}'` : `'${path} ${long}'`;
    return required && long ? [`    ${place}) words='${(argChoices ?? []).join(' ')}' ;;`] : [];
  });

const caseOf = (path: string, words: readonly string[]): string =>
  `    '${path}') words='${words.join(' ')}' ;;`;

const bash = (program: Command): string => {
  const points = pointsOf(program);
  const explained = helpPointsOf(program);
  const cases = [
    ...explained.map(({ path, command }) => caseOf(path, namesOf(command))),
    ...points
      .filter(({ path }) => path !== HELP)
      .map(({ path, command }) => caseOf(path, wordsOf(command, program))),
  ];
  const paths = [...points, ...explained].flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  return `_relay() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' next word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.join('|')}) path="$next" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path \${COMP_WORDS[COMP_CWORD-1]}" in
${points.flatMap(valuesOf).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _relay relay`;
};

const zsh = (program: Command): string =>
  `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}`;

const fish = (program: Command): string =>
  [...pointsOf(program).flatMap(fishPoint), ...fishHelp(program)].join('\n');

const fishPoint = ({ path, command }: CompletionPoint): string[] => {
  const options = command.options.flatMap(({ long, argChoices }) =>
    long === undefined || long === null ? [] : [optionOf(long, argChoices)],
  );
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const words = choices.map((choice) => `-f -a ${choice}`);
  return [...command.commands.map(subcommandOf), ...options, ...words].map((what) =>
    fishLine(conditionOf(path, command.commands), what),
  );
};

/** Only the first word: the next ones are completed as without `help`. */
const fishHelp = (program: Command): string[] => {
  const explained = program.commands.filter((sub) => sub.name() !== HELP);
  return explained.map((sub) => fishLine(conditionOf(HELP, explained), subcommandOf(sub)));
};

const fishLine = (condition: string, what: string): string => `complete -c relay -n '${condition}' ${what}`;

const subcommandOf = (sub: Command): string => `-f -a ${sub.name()} -d '${sub.summary()}'`;

const optionOf = (long: string, choices: readonly string[] | undefined): string =>
  `-l ${long.replace(/^--/, '')}${choices === undefined ? '' : ` -x -a '${choices.join(' ')}'`}`;

/** Every word of the path was typed, and none of a command below. */
const conditionOf = (path: string, commands: readonly Command[]): string => {
  const seen = path
    .split(' ')
    .flatMap((word) => (word === '' ? [] : [`__fish_seen_subcommand_from ${word}`]));
  const below = commands.map((sub) => sub.name()).join(' ');
  return [...seen, ...(below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`])].join('; and ');
};

const SCRIPTS = { bash, zsh, fish } as const;
