// The words of `relay dead-letters`: what is typed, and what is said about it.

import type { Command } from 'commander';
import { parseCount, parseMoment, parseRate } from '../arguments';
import type { Io } from '../io';
import { describeCommand, optionsOf } from '../words';
import type { DeadLetterOptions } from './context';
import { type DiscardOptions, discardDeadLetters, type EditOptions, editDeadLetter } from './edit';
import { exportDeadLetters, listDeadLetters, type ShowOptions, showDeadLetters } from './list';
import { type RetryOptions, retryDeadLetters } from './retry';

const RETRY_RATE = 100;

export const addDeadLetters = (program: Command, io: Io): void => {
  const group = describeCommand(program.command('dead-letters'), {
    summary: 'what could not be delivered: look, mend, retry, give up',
    description:
      'What could not be delivered waits in a dead-letter queue, each event with its reason. Looking at it takes nothing away.',
    examples: [
      'relay dead-letters list',
      'relay dead-letters retry --reason missing_event_name',
      'relay dead-letters export letters.ndjson',
    ],
  });
  addLooking(group, io);
  addRetry(group, io);
  addMending(group, io);
};

const addLooking = (group: Command, io: Io): void => {
  filtered(
    describeCommand(group.command('list'), {
      summary: 'counts, ages and a sample, by reason and source',
      description: 'Counts, ages and a sample of the dead letters, by reason and source.',
      examples: ['relay dead-letters list --stage prod', 'relay dead-letters list --since 2h --json'],
    }),
  ).action((_, command: Command) => listDeadLetters(optionsOf<DeadLetterOptions>(command), io));
  filtered(
    describeCommand(group.command('show'), {
      summary: 'whole dead letters',
      description:
        'Dead letters with their detail and body. With --json a line each, as `export` writes them.',
      examples: [
        'relay dead-letters show --person ada@example.com',
        'relay dead-letters show --field name --limit 3',
      ],
    }),
  )
    .option('--limit <count>', 'how many at most', parseCount, 10)
    .action((_, command: Command) => showDeadLetters(optionsOf<ShowOptions>(command), io));
  filtered(
    describeCommand(group.command('export'), {
      summary: 'a copy in a file, which `discard` asks for',
      description: 'Writes dead letters to a new file, a line of JSON each, body and attributes as they are.',
      examples: ['relay dead-letters export letters.ndjson --stage prod'],
    }),
  )
    .argument('<file>', 'a file that is not there yet; - is standard output')
    .action((file: string, _: unknown, command: Command) =>
      exportDeadLetters(file, optionsOf<DeadLetterOptions>(command), io),
    );
};

const addRetry = (group: Command, io: Io): void => {
  confirmed(
    filtered(
      describeCommand(group.command('retry'), {
        summary: 'back to the queue they came from',
        description:
          'Puts dead letters back on the queue, to be delivered again: all of them by a move task of SQS, or those that the filters leave, one by one. Retrying what was delivered after all doubles nothing.',
        examples: [
          'relay dead-letters retry --stage prod',
          'relay dead-letters retry --stage prod --field email --rate 20',
          'relay dead-letters retry --deleted deleted-people.txt --dry-run',
        ],
      }),
    ),
  )
    .option(
      '--rate <messages>',
      'messages a second, at most; of a move of all a whole number up to 500',
      parseRate,
      RETRY_RATE,
    )
    .option('--deleted <file>', 'ids and emails of people deleted since, one a line: theirs stay')
    .option('--recreate', 'theirs too whose own deletion is among the dead letters')
    .option('--dry-run', 'say what would go, and move nothing')
    .option('--detach', 'do not wait for the move of all; not with filters or --deleted')
    .option('--cancel', 'end the move of all that goes on; what it has moved stays moved')
    .action((_, command: Command) => retryDeadLetters(optionsOf<RetryOptions>(command), io));
};

const addMending = (group: Command, io: Io): void => {
  confirmed(
    describeCommand(group.command('edit'), {
      summary: 'mend one by hand and send it back',
      description:
        'Opens the body of a dead letter in $EDITOR, and sends what you have written back to the queue.',
      examples: [
        'relay dead-letters edit 0d1c… --stage prod',
        'relay dead-letters edit 0d1c… --body mended.json',
      ],
    }),
  )
    .argument('<id>', 'its SQS message id, or the messageId of its event')
    .option('--body <file>', 'the new body, instead of an editor')
    .option('--dry-run', 'check the new body, and send nothing')
    .option('--activity', 'of message activity on its way to Segment')
    .action((id: string, _: unknown, command: Command) =>
      editDeadLetter(id, optionsOf<EditOptions>(command), io),
    );
  confirmed(
    filtered(
      describeCommand(group.command('discard'), {
        summary: 'give up what has been exported',
        description: 'Deletes dead letters for good. Only those that stand in a file that `export` wrote.',
        examples: ['relay dead-letters discard --exported letters.ndjson'],
      }),
    ),
  )
    .requiredOption('--exported <file>', 'what `dead-letters export` has written')
    .option('--dry-run', 'say how many would go, and delete nothing')
    .action((_, command: Command) => discardDeadLetters(optionsOf<DiscardOptions>(command), io));
};

const filtered = (command: Command): Command =>
  command
    .option('--reason <reason>', 'only those with this reason')
    .option('--source <name>', "only those of this source; '' for those of none")
    .option('--workspace <name>', 'only those of this workspace of their source')
    .option('--field <field>', "only those whose detail names this field; '' for no field")
    .option('--person <id>', 'only those of this userId, anonymousId or email')
    .option('--id <id>', 'only that with this SQS message id or messageId')
    .option('--since <time>', 'only those that failed since: a time, or 30m, 2h, 3d ago', parseMoment)
    .option('--until <time>', 'only those that failed before', parseMoment)
    .option('--activity', 'those of message activity on its way to Segment');

const confirmed = (command: Command): Command => command.option('-y, --yes', 'do not ask');
