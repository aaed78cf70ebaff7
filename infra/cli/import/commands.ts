// The words of `relay import`.

import { type Command, Option } from 'commander';
import { EVENT_TYPES } from '../../../lib/event/event';
import { parseRate, parseShare } from '../arguments';
import type { Io } from '../io';
import { describeCommand, optionsOf } from '../words';
import { type ImportOptions, importFiles } from './import';

export const addImport = (program: Command, io: Io): void => {
  describeCommand(program.command('import'), {
    summary: 'events and people of the past, from files',
    description:
      'Imports NDJSON, JSON objects on several lines, JSON arrays or CSV, plain or gzip: Segment’s archives and warehouse exports, RudderStack’s dumps, a people export of Customer.io. Ctrl-C, a crash: the same command goes on, and nothing is skipped or doubled.',
    examples: [
      'relay import archive.ndjson.gz --dry-run',
      'relay import archive.ndjson.gz --stage prod --share 0.5',
      'relay import people.csv --as identify --mapping columns.json',
      'cat events.ndjson | npx relay import - --yes',
    ],
  })
    .argument('<file...>', 'files; - is standard input')
    .option('--source <name>', 'as which source; default: the first one')
    .addOption(new Option('--as <type>', 'the type of what says none').choices([...EVENT_TYPES]))
    .addOption(
      new Option('--format <format>', 'default: told by the content').choices(['ndjson', 'json', 'csv']),
    )
    .option('--mapping <file>', 'JSON that says which column of CSV is which field')
    .addOption(
      new Option('--via <way>', 'straight to the queue, or by HTTP')
        .choices(['queue', 'http'])
        .default('queue'),
    )
    .option('--endpoint <url>', 'of the HTTP API; default: what the stack says')
    .option('--rate <events>', 'events a second, at most', parseRate)
    .option(
      '--share <part>',
      'of the source’s requestsPerSecond, at most; the rest is left to live events',
      parseShare,
    )
    .option(
      '--allow-campaigns',
      'import activity of the last 72 hours too; campaigns of Customer.io start for it',
    )
    .option(
      '--dry-run',
      'translate everything, send nothing, and say what would become of it in each workspace',
    )
    .option('--checkpoint <file>', 'default: <file>.relay-checkpoint.json')
    .option('--rejected <file>', 'for what is not imported; default: <file>.rejected.ndjson')
    .option('--restart', 'begin anew, whatever the checkpoint says')
    .option('-y, --yes', 'do not ask')
    .action((files: string[], _: unknown, command: Command) =>
      importFiles(files, optionsOf<ImportOptions>(command), io),
    );
};
