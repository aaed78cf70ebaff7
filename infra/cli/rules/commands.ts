// The words of `relay rules`.

import type { Command } from 'commander';
import type { Io } from '../io';
import { describeCommand, optionsOf } from '../words';
import { type TestOptions, testRules } from './test-rules';

export const addRules = (program: Command, io: Io): void => {
  const group = describeCommand(program.command('rules'), {
    summary: 'what the rules of a source make of a sample',
    description:
      'Rules, consent and privacy of a source are settings: they are tried on a sample of events before they are stored.',
    examples: ['relay rules test sample.ndjson --settings sources.json'],
  });
  describeCommand(group.command('test'), {
    summary: 'run a sample, and say what each rule did',
    description:
      'Translates every event of a file as the consumer would, sends nothing, and says what would be delivered, changed and skipped, and by which rule. Fails when an event would be a dead letter. With --json the summary is the last line.',
    examples: [
      'relay rules test sample.ndjson --settings sources.json --source shop',
      'relay rules test sample.ndjson --stage prod --events',
      'relay rules test sample.ndjson.gz --settings sources.json --json',
    ],
  })
    .argument(
      '<file>',
      'events, one a line or on several, or a JSON array; plain or gzip; - is standard input',
    )
    .option('--settings <file>', 'sources that are not stored yet; default: those in force')
    .option('--source <name>', 'whose rules; default: those of the first source')
    .option('--workspace <name>', 'those of this workspace alone, where the source has several')
    .option('--events', 'show each event too, with the operations it becomes')
    .action((file: string, _: unknown, command: Command) =>
      testRules(file, optionsOf<TestOptions>(command), io),
    );
};
