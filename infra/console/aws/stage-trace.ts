// What became of an event or a person on a stage: `relay trace` for the page. What can be told is told, with a sentence
// for each thing that cannot.

import { type ParsedSettings, usableSources } from '../../../lib/config/settings';
import { writeDeepJson } from '../../../lib/json/write-json';
import { AthenaFailure, type TracedLine as FoundLine } from '../../cli/archive/athena';
import {
  DEFAULT_LIMIT,
  DEFAULT_SINCE,
  type FoundLetters,
  type FoundLines,
  findLetters,
  findLines,
  type TraceQuery as LineQuery,
  type TraceStep,
} from '../../cli/archive/find-trace';
import type { OpenArchive } from '../../cli/archive/open-archive';
import { nameOf } from '../../cli/archive/selection';
import { momentAt } from '../../cli/arguments';
import type { Letter } from '../../cli/dead-letters/letter';
import { EXIT, Failure, inWords } from '../../cli/failure';
import { plural } from '../../cli/layout';
import { relayCommand } from '../../cli/next-command';
import { peopleOf } from '../../cli/people';
import { depthOf } from '../../cli/queue-depth';
import type { Queue } from '../../cli/target';
import type {
  ConsoleBackend,
  Traced,
  TracedLetter,
  TracedLine,
  TraceProgress,
  TraceQuery,
} from '../contract';
import { detailOf, placeOf } from '../server/dead-letter-queues';
import { type InTurn, oneAfterTheOther } from '../server/in-turn';

export interface StageTraceOptions {
  /** As the command line names it. */
  readonly stage: string;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  /** Undefined where the stage has none. */
  readonly openArchive: () => Promise<OpenArchive | undefined>;
  readonly settings: () => Promise<ParsedSettings>;
  /** Of what looks at dead letters: two at once hide them from each other. */
  readonly lettersInTurn: InTurn;
  /** Aborted when the console ends. */
  readonly signal: AbortSignal;
  readonly clock: () => number;
}

/** No id that anything keeps is longer. */
const MAX_WANTED_CHARACTERS = 1_000;
/** No archive is older. */
const MAX_RANGE_MS = 10 * 366 * 86_400_000;
/** As many as the page of dead letters reads. */
const MAX_LETTERS = 5_000;
const LIMITS = [DEFAULT_LIMIT, 100, 500];
/** Of all events of an answer together; each is shown only when its line is opened. */
const MAX_EVENT_CHARACTERS = 16_000_000;
const TELL_EVERY_MS = 100;

type Tell = (progress: TraceProgress) => void;

export const stageTrace = (options: StageTraceOptions): NonNullable<ConsoleBackend['trace']> => {
  const archiveInTurn = oneSearchAtATime();
  return {
    since: DEFAULT_SINCE,
    limits: LIMITS,
    find: async (query, tell, signal) => {
      const asked = checked(query, options.clock());
      const either = AbortSignal.any([signal, options.signal]);
      const lines = archiveInTurn(() => linesOf(asked, options, tell, either), tell);
      return found(asked, lines, options, tell, either);
    },
  };
};

/** Each reads a good part of the archive, and a second one is mostly the first once more. */
const oneSearchAtATime = () => {
  const inTurn = oneAfterTheOther();
  let underWay = 0;
  return async <T>(search: () => Promise<T>, tell: Tell): Promise<T> => {
    if (underWay > 0) tell({ of: 'archive', words: 'waits until another search of this console has ended' });
    underWay += 1;
    return inTurn(search).finally(() => {
      underWay -= 1;
    });
  };
};

/** @throws Error for what is no query. */
const checked = (query: TraceQuery, nowMs: number): LineQuery => {
  const { wanted, since, until, source, limit, scans } = query;
  if (wanted === '') throw new Error('Give a messageId, or an id or email of a person.');
  if (wanted.length > MAX_WANTED_CHARACTERS)
    throw new Error(`This has ${wanted.length} characters: no id has more than ${MAX_WANTED_CHARACTERS}.`);
  const fromMs = momentIn(since, nowMs);
  const untilMs = until === '' ? nowMs : Math.min(nowMs, momentIn(until, nowMs));
  if (fromMs >= untilMs) throw new Error('The time from which on is not before its end, or not in the past.');
  if (fromMs < nowMs - MAX_RANGE_MS) throw new Error('That is over ten years ago: give a later time.');
  return { wanted, range: { fromMs, untilMs }, source: source || undefined, limit, scans };
};

const momentIn = (text: string, nowMs: number): number => {
  const ms = momentAt(text, nowMs);
  if (ms !== undefined && Number.isFinite(ms)) return ms;
  throw new Error(`“${text}” is no time: give one like 2026-11-28T10:00:00Z, or how long ago, like 7d.`);
};

const found = async (
  { wanted }: LineQuery,
  searching: Promise<LinesAndProblems>,
  options: StageTraceOptions,
  tell: Tell,
  signal: AbortSignal,
): Promise<Traced> => {
  const [settings, searched, looked, depth] = await Promise.allSettled([
    options.settings(),
    searching,
    lettersOf(wanted, options, tell, signal),
    depthOf(options.queue),
  ]);
  signal.throwIfAborted();
  const { lines, isCut, alsoNamed, athenaBytes, problems } = resultOf(searched) ?? NO_LINES;
  const { letters, looked: lettersLooked } = resultOf(looked) ?? { letters: [], looked: 0 };
  const queue = resultOf(depth);
  return {
    lines: withinBounds(lines.map(toLine)),
    isCut,
    alsoNamed,
    letters: letters.map(toLetter),
    ...(queue && { queue }),
    archived: archivedOf(resultOf(settings)),
    ...(athenaBytes !== undefined && { athenaBytes }),
    isWhole: [searched, looked].every(({ status }) => status === 'fulfilled'),
    problems: [
      ...(searched.status === 'rejected' ? [archiveProblem(searched.reason)] : []),
      ...problems,
      ...(looked.status === 'rejected' ? [`The dead letters cannot be read: ${inWords(looked.reason)}`] : []),
      ...(lettersLooked >= MAX_LETTERS ? [onlyTheFirst(options.stage)] : []),
      ...(depth.status === 'rejected' ? [`The queue cannot be read: ${inWords(depth.reason)}`] : []),
    ],
    readAt: options.clock(),
  };
};

const archivedOf = (settings: ParsedSettings | undefined): Traced['archived'] =>
  settings === undefined
    ? []
    : usableSources(settings).map(({ name, archive }) => ({ source: name, what: archive }));

const onlyTheFirst = (stage: string): string =>
  `Only the first ${plural(MAX_LETTERS, 'dead letter')} were looked at. All of them: ${relayCommand('dead-letters show', { stage })}`;

const resultOf = <T>(settled: PromiseSettledResult<T>): T | undefined =>
  settled.status === 'fulfilled' ? settled.value : undefined;

interface LinesAndProblems extends FoundLines {
  readonly problems: readonly string[];
}

const NO_LINES: LinesAndProblems = {
  ...{ lines: [], isCut: false, alsoNamed: [], athenaBytes: undefined },
  problems: [],
};

const NO_ARCHIVE = new Failure(
  'This stage has no archive.',
  'Deploy it with --param=archive=on, and what ends from then on is in it: docs/archive.md.',
);

const linesOf = async (
  query: LineQuery,
  { openArchive, settings }: StageTraceOptions,
  tell: Tell,
  signal: AbortSignal,
): Promise<LinesAndProblems> => {
  signal.throwIfAborted();
  const archive = await openArchive();
  if (archive === undefined) throw NO_ARCHIVE;
  const broken: string[] = [];
  const lines = await findLines(query, archive, await settings(), {
    signal,
    onStep: nowAndThen(
      ({ kind }) => kind,
      (step) => tell(progressOf(step)),
    ),
    onBroken: (key) => broken.push(key),
  });
  const problems = broken.map((key) => `${archive.store.name}/${key} is broken: it was passed over.`);
  return { ...lines, problems };
};

const progressOf = (step: TraceStep): TraceProgress => {
  const of = 'archive';
  if (step.kind === 'asking') return { of, words: `Athena is asked about ${plural(step.sources, 'source')}` };
  if (step.kind === 'listing') return { of, words: `${plural(step.objects, 'object')} listed` };
  const { done, whole } = step;
  return { of, words: `${done.toLocaleString('en')} of ${plural(whole, 'object')} read`, done, whole };
};

/** A receive that is cut off hides what it would have had from everybody, for minutes: it is the last one instead. */
const lettersOf = (
  wanted: string,
  { deadLetters, lettersInTurn, signal: ending }: StageTraceOptions,
  tell: Tell,
  signal: AbortSignal,
): Promise<FoundLetters> => {
  const tellLooked = (looked: number): void =>
    tell({ of: 'dead letters', words: `${looked.toLocaleString('en')} looked at` });
  return lettersInTurn(async () => {
    signal.throwIfAborted();
    return findLetters(wanted, deadLetters, {
      signal: ending,
      onLook: nowAndThen(() => 'looking', tellLooked),
      isEnough: (looked) => signal.aborted || looked >= MAX_LETTERS,
    });
  });
};

/** What begins is told at once, and how far it is not more often than anybody can read. */
const nowAndThen = <Step>(
  kindOf: (step: Step) => string,
  tell: (step: Step) => void,
): ((step: Step) => void) => {
  let [lastKind, lastMs] = ['', 0];
  return (step) => {
    const [kind, nowMs] = [kindOf(step), performance.now()];
    if (kind === lastKind && nowMs - lastMs < TELL_EVERY_MS) return;
    [lastKind, lastMs] = [kind, nowMs];
    tell(step);
  };
};

/** An option of the command's is none of the page's. */
const archiveProblem = (error: unknown): string => {
  if (error instanceof AthenaFailure) return `${error.message} Read the objects themselves instead.`;
  if (error === NO_ARCHIVE) return inWords(error);
  if (error instanceof Failure && error.exitCode === EXIT.usage) return error.message;
  return `The archive cannot be read: ${inWords(error)}`;
};

const toLine = (line: FoundLine): TracedLine => {
  const { receivedAt, endedAt, outcome, reason = '', detail = '', attempts, messageId, type = '' } = line;
  const { event, eventText, eventLeftOut, eventChanged } = line;
  return {
    key: [endedAt, placeOf(line), messageId].join(' '),
    receivedAt: Date.parse(receivedAt) || 0,
    endedAt: Date.parse(endedAt) || 0,
    fate: outcome,
    ...{ reason, detail, attempts, messageId, type },
    source: placeOf(line),
    name: nameOf(event) ?? '',
    people: peopleOf(event),
    ...(event !== undefined && { event: eventText ?? writeDeepJson(event) }),
    ...(eventLeftOut !== undefined && { leftOut: eventLeftOut }),
    ...(eventChanged && { isChanged: true }),
  };
};

/** The oldest go without their events where those are more than a page can hold. */
const withinBounds = (lines: readonly TracedLine[]): TracedLine[] => {
  let characters = 0;
  return lines.map((line) => {
    characters += line.event?.length ?? 0;
    if (characters <= MAX_EVENT_CHARACTERS) return line;
    const { event: _, ...rest } = line;
    return { ...rest, leftOut: 'too_many' };
  });
};

const toLetter = (letter: Letter): TracedLetter => ({
  id: letter.sqsMessageId,
  reason: letter.reason,
  detail: detailOf(letter),
  source: placeOf(letter),
  messageId: letter.messageId ?? '',
  failedAt: letter.failedAtMs,
});
