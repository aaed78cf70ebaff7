// What may follow `npm start --` and `npm run demo --`. It is looked at before anything starts: whoever asks for help,
// or misspells an option, wants no stack.

export interface Described {
  /** As it is typed, like `npm start`. */
  readonly command: string;
  readonly summary: string;
  /** What each of them does. One that ends with `=` has a value. */
  readonly options: Readonly<Record<string, string>>;
  /** Lines below the options. */
  readonly more?: readonly string[];
}

const HELP = ['--help', '-h'];
/** As of the operator's command line: wrongly called. */
const WRONGLY_CALLED = 2;

/**
 * @returns the options as they are typed; undefined when help was asked for, or one is unknown: that is told, and the
 * exit code is set.
 */
export const readOptions = (argv: readonly string[], described: Described): readonly string[] | undefined => {
  const { command, options } = described;
  if (argv.some((word) => HELP.includes(word))) {
    console.log(helpFor(described));
    return undefined;
  }
  const isKnown = (word: string): boolean => Object.hasOwn(options, word.replace(/=.*$/s, '='));
  const unknown = argv.filter((word) => !isKnown(word));
  if (unknown.length === 0) return argv;
  console.error(`${command} has no option ${unknown.join(' ')}.\nTo see which it has: ${command} -- --help`);
  process.exitCode = WRONGLY_CALLED;
  return undefined;
};

const helpFor = ({ command, summary, options, more = [] }: Described): string => {
  const all = Object.entries({ ...options, [HELP.join(', ')]: 'say this' });
  const lines = all.map(([option, what]) => `  ${option.padEnd(12)}  ${what}`);
  return [`${command} [-- <option>…]`, '', summary, '', 'Options:', ...lines, ...more].join('\n');
};
