// docs/cli.md, out of the parser: what the page says of a command is what its help says. `npm run docs:cli` writes it,
// and a test compares.

import type { Argument, Command } from 'commander';
import { examplesFor, pathOf, withNpx } from './words';

/** The page. What stands before the commands is written here. */
export const documentOf = (program: Command): string => `${INTRODUCTION}\n${sectionsOf(program)}`;

const INTRODUCTION = `# The command line

<!-- Generated from the parser by \`npm run docs:cli\`. -->

\`npx relay <command>\` in the repository, or \`npm run relay -- <command>\`, works on the local stack while that runs, and
with \`--stage\` on a stage on AWS, with the credentials and the region of your environment (\`AWS_PROFILE\`, \`AWS_REGION\`).
It says what it will do before it does it, and asks; \`--yes\` answers for scripts.

- **Results go to standard output**, as tables of 80 columns or with \`--json\` for scripts. Progress, questions and
  complaints go to standard error.
- **Exit codes:** 0 done, 1 failed, 2 wrongly called, 130 interrupted. A failure ends with what to do.
- **Ctrl-C** lets a command come to an end that the same command continues; a second one stops it at once.
- **Dead letters** are looked at without taking one away: what was received is put back, after Ctrl-C too, and hidden for
  two minutes if the command is killed. Two people who look at the same time each see a part, and
  each is told how many of them. \`retry\` without filters is SQS's own move of all: \`--rate\` is rounded up to a whole number
  of at most 500, \`--detach\` leaves it to SQS, and while one goes on the same command waits for it, and \`--cancel\` ends it. With filters or
  \`--deleted\` the command sends each itself, at any rate, and \`--detach\` is refused. Retried ones carry their messageId and
  time, so that a second copy is the same to Customer.io.
- **A file that is to be new**, of \`dead-letters export\`, \`settings pull\` and \`forget --report\`, gets its name once it is
  whole: until then it is \`<file>.<process id>.unfinished\`, which Ctrl-C takes away. After a kill it may stay; delete it,
  and give the same command again. Exports and settings may be read by their owner alone.
- **An import** keeps its place in \`<file>.relay-checkpoint.json\`, and what it does not import, with line and reason, in
  \`<file>.rejected.ndjson\`, which can be mended and imported again; \`.lock\` beside the
  checkpoint keeps a second command away while one is at work. Gzip that is cut off is imported to its last whole
  line; the whole file, under the same name, with \`--restart\`. An event without a messageId gets one of file name,
  line and content; a person or company without a time gets that of the import's first start; activity without one, or
  of the last 72 hours, would start campaigns of Customer.io and needs \`--allow-campaigns\`. Its messages are a group of
  their own, so that SQS serves live events first; \`--share 0.5\` leaves half of the source's \`requestsPerSecond\`, counting
  one request for each message. A million events of 1.3 KB need less than 200 MB of memory, and at most twice the time
  of a bare loop (\`npm run bench:import\`); killed at ten random moments and gone on with, none of them is missing or
  twice (\`npm run chaos:import\`).
- **Columns of CSV**: \`user_id\`, \`anonymous_id\`, \`event\`, \`timestamp\` and the like are found by their names, and
  the warehouse tables of
  Segment and RudderStack (Snowflake's capitals too) and Customer.io's people exports are recognised; everything else is a trait or property of
  that name, as text. Commas, semicolons or tabs separate them. A row with more or fewer cells than the first line,
  with bytes that are no UTF-8 or with a quote that is not doubled is rejected; such a quote takes with it all up to the next that
  ends a cell. A mapping file says otherwise:

  \`\`\`json
  { "type": "identify", "columns": { "Customer": "userId", "Age": { "to": "traits.age", "as": "number" }, "Note": null } }
  \`\`\`

  \`as\` is \`text\`, \`number\`, \`boolean\` or \`json\`; null leaves the column out.
`;

const sectionsOf = (command: Command): string =>
  [sectionOf(command), ...command.commands.map(sectionsOf)].join('\n');

const sectionOf = (command: Command): string => {
  const path = pathOf(command);
  const level = '#'.repeat(Math.min(3, path.split(' ').length + (command.parent === null ? 1 : 0)));
  const help = command.createHelp();
  const described = [
    ...command.registeredArguments.map((argument) => ({
      term: argument.required ? `<${nameOf(argument)}>` : `[${nameOf(argument)}]`,
      text: help.argumentDescription(argument),
    })),
    ...command.options.map((option) => ({
      term: option.flags,
      text: help.optionDescription(option),
    })),
  ];
  const examples = examplesFor(command).map(withNpx).join('\n');
  const parts = [
    `${level} ${command.parent === null ? 'Every command' : path}`,
    command.description(),
    `\`\`\`sh\n${examples}\n\`\`\``,
    described.map(({ term, text }) => `- \`${term}\`: ${text}`).join('\n'),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
};

const nameOf = (argument: Argument): string =>
  argument.variadic ? `${argument.name()}...` : argument.name();
