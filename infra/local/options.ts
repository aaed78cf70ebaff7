// What may follow `npm start --` and `npm run demo --`. It is looked at before anything starts: whoever asks for help,
// or misspells an option, wants no stack.

export interface Described<Option extends string> {
  /** As it is typed, like `npm start`. */
  readonly command: string;
  readonly summary: string;
  /** What each of them does. None has a value. */
  readonly options: Readonly<Record<Option, string>>;
  /** Lines below the options. */
  readonly more?: readonly string[];
}

const HELP = ['--help', '-h'];
/** As of the operator's command line: wrongly called. */
const WRONGLY_CALLED = 2;

/** @returns undefined when help was asked for, or an option is unknown: that is told, and the exit code is set. */
export const readOptions = <Option extends string>(
  argv: readonly string[],
  described: Described<Option>,
): ReadonlySet<Option> | undefined => {
  const isKnown = (word: string): word is Option => Object.hasOwn(described.options, word);
  if (argv.some((word) => HELP.includes(word))) {
    console.log(helpFor(described));
    return undefined;
  }
  const unknown = argv.filter((word) => !isKnown(word));
  if (unknown.length === 0) return new Set(argv.filter(isKnown));
  const { command } = described;
  console.error(`${command} has no option ${unknown.join(' ')}.\nTo see which it has: ${command} -- --help`);
  process.exitCode = WRONGLY_CALLED;
  return undefined;
};

const helpFor = ({ command, summary, options, more = [] }: Described<string>): string => {
  const all = Object.entries({ ...options, [HELP.join(', ')]: 'say this' });
  const lines = all.map(([option, what]) => `  ${option.padEnd(12)}  ${what}`);
  return [`${command} [-- <option>…]`, '', summary, '', 'Options:', ...lines, ...more].join('\n');
};
