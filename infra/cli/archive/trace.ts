// `relay trace`: what became of an event, or of a person's last events: from the archive, the dead letters, and the state
// of the queue.

import type { Command } from 'commander';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { ArchiveStore } from '../../archive/store';
import { checkedMoment, parseCount } from '../arguments';
import type { Letter } from '../dead-letters/letter';
import { usageFailure } from '../failure';
import type { Io } from '../io';
import { fold, inOneLine, layOut, MAX_WIDTH, plural, sizeOf } from '../layout';
import { bar, type Progress, startProgress } from '../progress';
import { depthOf, type QueueDepth } from '../queue-depth';
import { shellWord } from '../shell-word';
import { openTarget, QUEUES, readSettings, type Target } from '../target';
import { describeCommand, optionsOf, withNpx } from '../words';
import type { TracedLine } from './athena';
import {
  DEFAULT_LIMIT,
  DEFAULT_SINCE,
  type FoundLines,
  findLetters,
  findLines,
  type LineWatch,
} from './find-trace';
import { type ArchiveOptions, openArchive } from './open-archive';
import { tellBroken } from './scan';
import { nameOf, rangeOf } from './selection';

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
    .option('--from <time>', 'received since: a time, or 2h, 7d ago', checkedMoment, DEFAULT_SINCE)
    .option('--to <time>', 'received before; default: now', checkedMoment)
    .option('--source <name>', 'only of this source; default: of all')
    .option('--limit <count>', 'how many lines at most, the newest', parseCount, DEFAULT_LIMIT)
    .option('--scan', 'read the objects, and do not ask Athena')
    .option('--archive <place>', 'a copy: s3://<bucket>, or a folder')
    .action((wanted: string, _: unknown, command: Command) =>
      trace(wanted, optionsOf<TraceOptions>(command), io),
    );
};

/** All that is known of it; of the queues nothing, where they could not be looked at. */
interface Traced extends FoundLines, Partial<Queues> {}

interface Queues {
  readonly deadLetters: readonly Letter[];
  readonly queue: QueueDepth;
}

const trace = async (wanted: string, options: TraceOptions, io: Io): Promise<void> => {
  // As a variable of the shell that is not set leaves it.
  if (wanted.trim() === '')
    throw usageFailure('There is nothing to look for.', 'Give a messageId, or an id or email of a person.');
  const target = await openTarget(options, io);
  const archive = await openArchive(options, io);
  const settings = await readSettings(target);
  const { source, limit, scan: scans = false } = options;
  const query = { wanted, range: rangeOf(options, Date.now()), source, limit, scans };
  const progress = startProgress(io);
  const watch = watching(archive.store, progress, io);
  const found = await findLines(query, archive, settings, watch).finally(progress.stop);
  const [queues] = await Promise.allSettled([lookAtQueues(wanted, target, io)]);
  io.signal.throwIfAborted();
  const traced: Traced = { ...found, ...(queues.status === 'fulfilled' ? queues.value : {}) };
  if (options.json) io.out(writeDeepJson(jsonOf(traced)));
  else tell(traced, io);
  tellWhatElse(traced, options, io);
  if (queues.status === 'fulfilled') return;
  io.err('The dead letters and the queue were not looked at:');
  throw queues.reason;
};

const lookAtQueues = async (wanted: string, target: Target, io: Io): Promise<Queues> => {
  const { letters } = await findLetters(wanted, await target.queue(QUEUES.deadLetters), io);
  return { deadLetters: letters, queue: await depthOf(await target.queue(QUEUES.events)) };
};

const watching = (store: ArchiveStore, progress: Progress, io: Io): LineWatch => ({
  signal: io.signal,
  onStep: (step) => {
    if (step.kind === 'asking') io.err(`Asks Athena about ${plural(step.sources, 'source')}.`);
    if (step.kind === 'listing') progress.update(`${plural(step.objects, 'object')} listed`);
    if (step.kind === 'reading')
      progress.update(`${bar(step.done, step.whole)} ${plural(step.whole, 'object')} of the archive`);
  },
  onBroken: tellBroken(store, io),
});

const jsonOf = ({ lines, deadLetters, queue, alsoNamed }: Traced) => ({
  lines: lines.map(({ eventText: _, ...line }) => line),
  ...(deadLetters && { deadLetters: deadLetters.map(letterJson) }),
  ...(queue && { queue }),
  alsoNamed,
});

const letterJson = ({ sqsMessageId, reason, detail, source, workspace, messageId, failedAtMs }: Letter) => ({
  ...{ sqsMessageId, reason, detail, source, workspace, messageId },
  failedAt: new Date(failedAtMs).toISOString(),
});

const tell = ({ lines, deadLetters = [], queue, athenaBytes }: Traced, io: Io): void => {
  if (lines.length > 0) io.out(tableOf(lines));
  for (const { sqsMessageId, reason, detail = '' } of deadLetters)
    io.out(fold(inOneLine(`Dead letter ${sqsMessageId}: ${reason} ${detail}`.trimEnd()), '  '));
  const isNothing = lines.length === 0 && deadLetters.length === 0;
  if (isNothing) io.out(`Nothing of it in the archive${queue ? ', nor among the dead letters' : ''}.`);
  if (queue)
    io.err(`On the queue: ${plural(queue.waiting, 'message')} waiting, ${queue.inFlight} in flight.`);
  if (isNothing) io.err(WHERE_ELSE);
  if (isNothing && athenaBytes !== undefined) io.err(UNREADABLE_TO_ATHENA);
};

const tableOf = (lines: readonly TracedLine[]): string => {
  const header = ['ended', 'outcome', 'source', 'event', 'why'];
  const [head = '', ...rows] = layOut(header, lines.map(cellsOf)).split('\n');
  return [head, ...lines.flatMap((line, index) => [rows[index] ?? '', ...belowRow(line)])].join('\n');
};

/** What has no room in the row. A messageId stays whole however long it is, for it is what one copies. */
const belowRow = ({ receivedAt, messageId, eventLeftOut, eventChanged }: TracedLine): string[] => [
  ...onOneLineOrTwo(`received ${toTheSecond(receivedAt)}`, `messageId ${inOneLine(messageId)}`),
  ...(eventLeftOut === undefined ? [] : [`  eventLeftOut: ${inOneLine(eventLeftOut)}`]),
  ...(eventChanged ? ['  eventChanged: a mention of somebody forgotten is replaced in it'] : []),
];

const onOneLineOrTwo = (first: string, second: string): string[] => {
  const line = `  ${first}, ${second}`;
  return line.length <= MAX_WIDTH ? [line] : [`  ${first}`, `  ${second}`];
};

const toTheSecond = (time: string): string => `${time.slice(0, 19)}Z`;

const cellsOf = (line: TracedLine): string[] => [
  toTheSecond(line.endedAt),
  line.outcome,
  [line.source, line.workspace].filter((name) => name !== undefined).join('/'),
  [line.type, nameOf(line.event)].filter((name) => name !== undefined).join(' '),
  [line.reason, line.detail, line.attempts > 1 ? `attempt ${line.attempts}` : undefined]
    .filter((text) => text !== undefined)
    .join(': '),
];

const WHERE_ELSE =
  'An event is in the archive five minutes after it ended. Look further back with --from 30d. People are found only where the source archives events. Of an event that was refused consent nobody is kept: only its messageId finds it.';

const UNREADABLE_TO_ATHENA =
  'Athena passes over a line that it cannot read, as of an event that has one key twice: --scan reads the objects themselves.';

const tellWhatElse = ({ isCut, athenaBytes, alsoNamed }: Traced, options: TraceOptions, io: Io): void => {
  if (athenaBytes !== undefined) io.err(`Athena read ${sizeOf(athenaBytes)} for it.`);
  if (isCut) io.err(`These are the newest ${options.limit}: there may be older ones, which --limit reaches.`);
  const names = alsoNamed.filter((id) => CAN_BE_TYPED.test(id)).slice(0, MAX_NAMES);
  if (names.length === 0) return;
  io.err('Events that name this person by another id alone are not among these. They are found by:');
  for (const id of names) io.err(commandFor(id, options));
};

/** What an event has for an id may be anything, and nothing of it is done to the terminal. */
const CAN_BE_TYPED = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

/** A device that many use has as many people. */
const MAX_NAMES = 5;

/** The same search, by another id of the person. */
const commandFor = (id: string, { stage, from, to, source, limit, scan, archive }: TraceOptions): string => {
  const options: readonly (readonly [name: string, value: string | undefined])[] = [
    ['--stage', stage],
    ['--from', from === DEFAULT_SINCE ? undefined : from],
    ['--to', to],
    ['--source', source],
    ['--limit', limit === DEFAULT_LIMIT ? undefined : String(limit)],
    ['--archive', archive],
  ];
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [name, shellWord(value)]));
  const words = ['relay trace', ...given, ...(scan ? ['--scan'] : []), ...(id.startsWith('-') ? ['--'] : [])];
  return `  ${withNpx([...words, shellWord(id)].join(' '))}`;
};
