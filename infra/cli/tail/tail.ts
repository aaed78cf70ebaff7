// `relay tail`: what becomes of events, as it happens.

import { type Command, Option } from 'commander';
import type { Fate } from '../../console/contract';
import { sandboxUrl } from '../../local/addresses';
import type { Io } from '../io';
import { oneLine } from '../layout';
import { openTarget, type Target, type TargetOptions } from '../target';
import { describeCommand, optionsOf } from '../words';
import { type Feed, type Happening, TOLD_FATES } from './happening';
import { journalFeed } from './journal-feed';
import { logFeed } from './log-feed';

interface TailOptions extends TargetOptions {
  readonly source?: string;
  readonly fate?: readonly Fate[];
  readonly json?: boolean;
}

export const addTail = (program: Command, io: Io): void => {
  describeCommand(program.command('tail'), {
    summary: 'deliveries, refusals and dead letters as they happen',
    description:
      'Shows what becomes of events from now on, until Ctrl-C: on the local stack each event, on a stage what its functions log, by CloudWatch’s live tail, which AWS bills by the minute.',
    examples: [
      'relay tail',
      'relay tail --fate refused dead_lettered',
      'relay tail --stage prod --source shop --json',
    ],
  })
    .option('--source <name>', 'only of this source')
    .addOption(new Option('--fate <fate...>', 'only these').choices(TOLD_FATES))
    .action((_, command: Command) => tail(optionsOf<TailOptions>(command), io));
};

const tail = async (options: TailOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const fates = options.fate ?? TOLD_FATES;
  io.err(`What happens on ${target.name}; Ctrl-C ends it.`);
  for await (const happening of feedOf(target)(io.signal)) {
    if (!fates.includes(happening.fate) || !isOf(options.source, happening)) continue;
    io.out(options.json ? JSON.stringify(happening) : describe(happening, io));
  }
};

const feedOf = ({ stage, ports }: Target): Feed =>
  stage === undefined ? journalFeed(sandboxUrl(ports)) : logFeed(stage);

/** A happening of one workspace names it after the source: `shop/eu`. */
const isOf = (wanted: string | undefined, { source }: Happening): boolean =>
  wanted === undefined || source === wanted || source.startsWith(`${wanted}/`);

const COLORS = {
  delivered: 'green',
  skipped: 'yellow',
  retried: 'yellow',
  queued: 'yellow',
  refused: 'red',
  dead_lettered: 'red',
} as const;

const FATE_WIDTH = Math.max(...TOLD_FATES.map(({ length }) => length));

const describe = ({ at, fate, count, source, reason, what, person }: Happening, io: Io): string => {
  const rest = [count === 1 ? '' : `${count}`, reason, what, person, source].filter((part) => part !== '');
  const clock = new Date(at).toTimeString().slice(0, 8);
  const line = oneLine([clock, fate.padEnd(FATE_WIDTH), ...rest]);
  return line.replace(fate, io.paint(COLORS[fate], fate));
};
