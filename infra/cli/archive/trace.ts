// `relay trace`: what became of an event, or of a person's last events: from the archive, the dead letters, and the state
// of the queue.

import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Command } from 'commander';
import type { ArchiveLine } from '../../../lib/archive/line';
import { checkedMoment, parseCount } from '../arguments';
import type { Letter } from '../dead-letters/letter';
import { walk } from '../dead-letters/walk';
import type { Io } from '../io';
import { layOut, plural } from '../layout';
import { idKey, isAbout } from '../people';
import { bar, startProgress } from '../progress';
import { openTarget, QUEUES, type Queue, readSettings, type Target } from '../target';
import { describeCommand, optionsOf } from '../words';
import { ask, queryFor } from './athena';
import { Forgotten } from './forgotten';
import { type ArchiveOptions, type OpenArchive, openArchive } from './open-archive';
import { scan, tellBroken } from './scan';
import { nameOf, rangeOf, sourcesFor } from './selection';

interface TraceOptions extends ArchiveOptions {
  readonly from: string;
  readonly to?: string;
  readonly source?: string;
  readonly limit: number;
  readonly scan?: boolean;
  readonly json?: boolean;
}

export const addTrace = (program: Command, io: Io): void => {
  describeCommand(program.command('trace'), {
    summary: 'what became of an event, or of a person’s last events',
    description:
      'Looks in the archive, in the dead letters, and at the queue. On a stage Athena is asked, for which it bills what it reads; --scan reads the objects instead. A person is found where the archive holds events.',
    examples: [
      'relay trace ajs-next-1764324000-0d1c --stage prod',
      'relay trace ada@example.com --stage prod --from 30d --limit 50',
    ],
  })
    .argument('<messageId|person>', 'a messageId, userId, anonymousId or email')
    .option('--from <time>', 'received since: a time, or 2h, 7d ago', checkedMoment, '7d')
    .option('--to <time>', 'received before; default: now', checkedMoment)
    .option('--source <name>', 'only of this source; default: of all')
    .option('--limit <count>', 'how many lines at most, the newest', parseCount, 20)
    .option('--scan', 'read the objects, and do not ask Athena')
    .option('--archive <place>', 'a copy: s3://<bucket>, or a folder')
    .action((wanted: string, _: unknown, command: Command) =>
      trace(wanted, optionsOf<TraceOptions>(command), io),
    );
};

/** All that is known of it. */
interface Traced {
  /** Newest first. */
  readonly lines: readonly ArchiveLine[];
  readonly deadLetters: readonly Letter[];
  readonly queue: { readonly waiting: number; readonly inFlight: number };
}

const trace = async (wanted: string, options: TraceOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const archive = await openArchive(options, io);
  const sources = await sourcesFor(await readSettings(target), options.source, archive.store);
  const traced: Traced = {
    lines: await findLines(wanted, archive, sources, options, io),
    deadLetters: await findLetters(wanted, target, io),
    queue: await stateOf(await target.queue(QUEUES.events)),
  };
  if (options.json) io.out(JSON.stringify({ ...traced, deadLetters: traced.deadLetters.map(letterJson) }));
  else tell(traced, io);
};

const findLines = async (
  wanted: string,
  archive: OpenArchive,
  sources: readonly string[],
  options: TraceOptions,
  io: Io,
): Promise<ArchiveLine[]> => {
  const { store, table } = archive;
  const range = rangeOf(options, Date.now());
  const forgotten = await Forgotten.open(store);
  if (forgotten.hasId(wanted)) return [];
  if (table === undefined || options.scan) {
    const found = await scanFor(wanted, archive, sources, range, io);
    return newest(
      found.filter(({ event }) => !forgotten.has(event)),
      options.limit,
    );
  }
  io.err(`Asks Athena about ${plural(sources.length, 'source')}.`);
  const found = await ask(table, queryFor(table, wanted, sources, range, 10 * options.limit), io.signal);
  return newest(
    found.filter((line) => isMeant(line, wanted) && !forgotten.has(line.event)),
    options.limit,
  );
};

const isMeant = ({ messageId, event }: ArchiveLine, wanted: string): boolean =>
  messageId === wanted || isAbout(event, wanted);

const newest = (lines: readonly ArchiveLine[], limit: number): ArchiveLine[] =>
  lines.toSorted((one, other) => (one.endedAt < other.endedAt ? 1 : -1)).slice(0, limit);

const scanFor = async (
  wanted: string,
  { store }: OpenArchive,
  sources: readonly string[],
  range: ReturnType<typeof rangeOf>,
  io: Io,
): Promise<ArchiveLine[]> => {
  const progress = startProgress(io);
  const onObject = (done: number, whole: number): void =>
    progress.update(`${bar(done, whole)} ${plural(whole, 'object')} of the archive`);
  const found: ArchiveLine[] = [];
  try {
    for await (const { eventText: _, place: __, ...line } of scan(store, {
      sources,
      range,
      signal: io.signal,
      onObject,
      onBroken: tellBroken(store, io),
    }))
      if (isMeant(line, wanted)) found.push(line);
  } finally {
    progress.stop();
  }
  return found;
};

const findLetters = async (wanted: string, target: Target, io: Io): Promise<Letter[]> => {
  const found: Letter[] = [];
  await walk(await target.queue(QUEUES.deadLetters), io.signal, async (letters) => {
    found.push(
      ...letters.filter(
        ({ messageId, people }) => messageId === wanted || people.map(idKey).includes(idKey(wanted)),
      ),
    );
    return [];
  });
  return found;
};

const stateOf = async ({ sqs, url }: Queue): Promise<Traced['queue']> => {
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(attributes?.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
};

const letterJson = ({ sqsMessageId, reason, detail, source, workspace, messageId, failedAtMs }: Letter) => ({
  ...{ sqsMessageId, reason, detail, source, workspace, messageId },
  failedAt: new Date(failedAtMs).toISOString(),
});

const tell = ({ lines, deadLetters, queue }: Traced, io: Io): void => {
  if (lines.length > 0)
    io.out(
      layOut(
        ['ended', 'outcome', 'source', 'event', 'why'],
        lines.map((line) => [
          line.endedAt.slice(0, 19),
          line.outcome,
          [line.source, line.workspace].filter((name) => name !== undefined).join('/'),
          [line.type, nameOf(line.event)].filter((name) => name !== undefined).join(' '),
          [line.reason, line.detail, line.attempts > 1 ? `attempt ${line.attempts}` : undefined]
            .filter((text) => text !== undefined)
            .join(': '),
        ]),
      ),
    );
  for (const { sqsMessageId, reason, detail = '' } of deadLetters)
    io.out(`Dead letter ${sqsMessageId}: ${reason} ${detail}`.trimEnd());
  const isNothing = lines.length === 0 && deadLetters.length === 0;
  if (isNothing) io.out('Nothing of it in the archive, nor among the dead letters.');
  const { waiting, inFlight } = queue;
  io.err(`On the queue: ${plural(waiting, 'message')} waiting, ${inFlight} in flight.`);
  if (isNothing) io.err(WHERE_ELSE);
};

const WHERE_ELSE =
  'An event is in the archive five minutes after it ended. Look further back with --from 30d. People are found only where the source archives events.';
