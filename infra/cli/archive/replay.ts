// `relay replay`: events of the archive once more, through the queue, with the messageIds and times of the first time, so
// that Customer.io ignores what it has. Killed at any moment, the same command goes on.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ParsedSettings } from '../../../lib/config/settings';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { toSqsJson } from '../../../lib/queue/outgoing-message';
import type { ArchiveStore, StoredObject } from '../../archive/store';
import { parseRate, parseShare } from '../arguments';
import { confirm } from '../confirm';
import { EXIT, Failure } from '../failure';
import { type Checkpoint, readCheckpoint, removeCheckpoint, writeCheckpoint } from '../import/checkpoint';
import { whileLocked } from '../import/checkpoint-lock';
import { requireWritable } from '../import/rejections';
import { queueSink, type Sink } from '../import/sink';
import type { Io } from '../io';
import { layOut, plural } from '../layout';
import { type Pace, paceOf } from '../pace';
import { readPeopleFile } from '../people-file';
import { bar, startProgress } from '../progress';
import { openTarget, QUEUES, type Queue, readSettings, type Target } from '../target';
import { describeCommand, optionsOf } from '../words';
import { Forgotten } from './forgotten';
import { Gone, Sites } from './gone';
import { type ArchiveOptions, openArchive } from './open-archive';
import { type Fate, Fates, type ReplayRules, requireWorkspace, waysOut } from './replay-fate';
import { type ReadObject, ReplayedObjects } from './replayed-objects';
import {
  objectsIn,
  type Place,
  type ScannedLine,
  type ScanOptions,
  scan,
  scanObjects,
  tellBroken,
} from './scan';
import { rangeOf, type SelectionOptions, selecting, sourcesFor } from './selection';

interface ReplayOptions extends ArchiveOptions, SelectionOptions {
  readonly toWorkspace?: string;
  readonly allowCampaigns?: boolean;
  readonly deleted?: string;
  readonly rate?: number;
  readonly share: number;
  readonly checkpoint?: string;
  readonly restart?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Live events keep the other half. */
const DEFAULT_SHARE = 0.5;

export const addReplay = (program: Command, io: Io): void => {
  selecting(
    describeCommand(program.command('replay'), {
      summary: 'events of the archive once more',
      description:
        'Puts archived events on the queue again, with the messageIds and times of the first time: Customer.io ignores the events it has. First it says what would be sent. Ctrl-C, a crash: the same command goes on. Never sent is what was refused consent, and who was forgotten or deleted since.',
      examples: [
        'relay replay --stage prod --from 7d --dry-run',
        'relay replay --stage prod --from 2026-03-01 --to-workspace new',
        'relay replay --from 2d --name "Order Completed" --outcome dead_lettered',
      ],
    }),
  )
    .option('--to-workspace <name>', 'to this destination of their source; default: where each went')
    .option('--deleted <file>', 'ids and emails of people deleted since, one a line: theirs stay')
    .option(
      '--allow-campaigns',
      'send activity of the last 72 hours too; campaigns of Customer.io start for it',
    )
    .option('--rate <events>', 'events a second, at most', parseRate)
    .option(
      '--share <part>',
      'of each source’s requestsPerSecond; live events keep the rest',
      parseShare,
      DEFAULT_SHARE,
    )
    .option('--archive <place>', 'a copy: s3://<bucket>, or a folder')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option('--checkpoint <file>', 'default: relay-replay-<a word of the options>.json')
    .option('--restart', 'begin anew, whatever the checkpoint says')
    .option('-y, --yes', 'do not ask')
    .action((_, command: Command) => replay(optionsOf<ReplayOptions>(command), io));
};

/** How far a replay has come. */
interface ReplayCheckpoint extends Checkpoint {
  /** The object that it is at, and the line that was sent last. */
  readonly at: Place;
}

interface Job {
  readonly options: ReplayOptions;
  readonly store: ArchiveStore;
  readonly queue: Queue;
  readonly rules: ReplayRules;
  readonly fates: Fates;
  readonly scanning: Omit<ScanOptions, 'onObject'>;
  readonly replayed: ReplayedObjects;
  /** Those that are still to be read. */
  readonly objects: readonly StoredObject[];
  readonly checkpoint: ReplayCheckpoint;
  readonly checkpointPath: string;
}

export const replay = async (options: ReplayOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const settings = await readSettings(target);
  const { store } = await openArchive(options, io);
  const sources = await sourcesFor(settings, options.source, store);
  requireWorkspace(settings, sources, options.toWorkspace);
  const deleted = await listed(options, io);
  const fingerprint = fingerprintOf(target.name, store.name, options);
  const checkpointPath = options.checkpoint ?? `relay-replay-${fingerprint.slice(0, 8)}.json`;
  const place: Opened = { target, settings, store, sources, deleted, fingerprint, checkpointPath };
  if (options.dryRun) return replayFrom(place, options, io);
  // Before minutes of reading: where it cannot be written, nothing is sent.
  await requireWritable(checkpointPath, '--checkpoint');
  await whileLocked(checkpointPath, async () => {
    if (options.restart) await forgetProgress(checkpointPath);
    await replayFrom(place, options, io);
  });
};

/** What is known before the checkpoint is looked at. */
interface Opened {
  readonly target: Target;
  readonly settings: ParsedSettings;
  readonly store: ArchiveStore;
  readonly sources: readonly string[];
  /** Ids of `--deleted`. */
  readonly deleted: readonly string[];
  readonly fingerprint: string;
  readonly checkpointPath: string;
}

const replayFrom = async (
  { target, settings, store, sources, deleted, fingerprint, checkpointPath }: Opened,
  options: ReplayOptions,
  io: Io,
): Promise<void> => {
  // A rehearsal begins anew without taking anything away.
  const known = options.restart ? undefined : checkpointPath;
  const checkpoint = await openCheckpoint(known, fingerprint);
  const replayed = await ReplayedObjects.open(checkpointPath, checkpoint);
  const startedAtMs = Date.parse(checkpoint.startedAt);
  const scanning: ScanOptions = {
    sources,
    range: rangeOf(options, startedAtMs),
    signal: io.signal,
    onBroken: tellBroken(store, io),
  };
  const sites = new Sites(settings);
  const gone = new Gone(deleted, sites);
  const rules: ReplayRules = {
    selection: options,
    settings,
    toWorkspace: options.toWorkspace,
    forgotten: await Forgotten.open(store),
    gone,
    allowCampaigns: options.allowCampaigns === true,
    startedAtMs,
  };
  const since = { ...scanning, range: { ...scanning.range, untilMs: Date.now() } };
  await noteGone(store, { ...since, sources: sites.sharedWith(sources), onBroken: () => undefined }, gone);
  const queue = await target.queue(QUEUES.events);
  const fates = new Fates(rules);
  const all = await objectsIn(store, scanning);
  const objects = pendingObjects(all, replayed, checkpoint);
  const job: Job = {
    ...{ options, store, queue, rules, fates, scanning, replayed, objects, checkpoint, checkpointPath },
  };
  await notePassed(job, all);
  const plan = await planOf(job, io);
  const isOver = checkpoint.isDone && plan.sent === 0;
  if (isOver && !options.dryRun) await replayed.add(plan.read);
  if (options.json || !isOver) tellPlan(plan, job, io);
  if (isOver) return io.err(`It was replayed before, says ${checkpointPath}; --restart begins anew.`);
  if (options.dryRun) return io.err('A rehearsal: nothing was sent.');
  if (plan.sent === 0) return io.err('There is nothing to send.');
  await confirm(io, `Sends ${plural(plan.sent, 'event')} from ${store.name} to ${target.name}.`, options);
  await sendAll(job, plan.sent, io);
  await tellLate(job, io);
};

/** What Firehose has brought since it began. */
const tellLate = async (job: Job, io: Io): Promise<void> => {
  const { store, scanning, replayed, checkpoint } = job;
  const objects = pendingObjects(await objectsIn(store, scanning), replayed, checkpoint);
  const late = await planOf({ ...job, objects }, io);
  if (late.sent === 0) await replayed.add(late.read);
  else io.err(`${plural(late.sent, 'event')} came into the archive meanwhile: the same command sends them.`);
};

/** The one that it is at first, then in their order. */
const pendingObjects = (
  all: readonly StoredObject[],
  replayed: ReplayedObjects,
  { at: { key } }: ReplayCheckpoint,
): StoredObject[] => {
  const pending = all.filter((object) => !replayed.has(object));
  return [
    ...pending.filter((object) => object.key === key),
    ...pending.filter((object) => object.key !== key),
  ];
};

/** What decides which events are sent. */
const fingerprintOf = (target: string, store: string, options: ReplayOptions): string => {
  const { from, to, source, type, name, person, outcome, toWorkspace, allowCampaigns, deleted } = options;
  return createHash('sha256')
    .update(
      JSON.stringify([
        target,
        store,
        from,
        to,
        source,
        type,
        name,
        person,
        outcome,
        toWorkspace,
        allowCampaigns,
        // Its people may have become more.
        deleted !== undefined,
      ]),
    )
    .digest('hex');
};

const forgetProgress = async (checkpointPath: string): Promise<void> => {
  await removeCheckpoint(checkpointPath);
  await ReplayedObjects.remove(checkpointPath);
};

const openCheckpoint = async (path: string | undefined, fingerprint: string): Promise<ReplayCheckpoint> => {
  const known = await readCheckpoint(path, fingerprint, new Date().toISOString());
  const stored = path === undefined ? {} : parseJson(await readFile(path, 'utf8').catch(() => ''));
  const { at } = isObject(stored) ? stored : {};
  const { key, version, line } = isObject(at) ? at : {};
  return {
    ...known,
    at: { key: String(key ?? ''), version: String(version ?? ''), line: Number(line) || 0 },
  };
};

const listed = async ({ deleted }: ReplayOptions, io: Io): Promise<string[]> =>
  deleted === undefined ? [] : readPeopleFile(deleted, io);

const noteGone = async (store: ArchiveStore, scanning: ScanOptions, gone: Gone): Promise<void> => {
  for await (const line of scan(store, scanning)) gone.note(line);
  if (gone.isAnybody) for await (const line of scan(store, scanning)) gone.noteNames(line);
};

interface Plan {
  sent: number;
  alreadyThere: number;
  /** What was looked at. */
  readonly read: ReadObject[];
  readonly keptBack: Record<string, number>;
  /** Lines of events that are counted because of another line. */
  repeated: number;
}

/** Whether an earlier run has passed it: an object that was written anew since is another. */
const isPassed = ({ place }: ScannedLine, { replayed, checkpoint: { at } }: Job): boolean =>
  place.line <= replayed.linesOf(place) ||
  (place.key === at.key && place.version === at.version && place.line <= at.line);

/** Only what is after the checkpoint; of an object that was written anew since all, of one that has grown the rest. */
async function* pending(
  job: Job,
  onObject: NonNullable<ScanOptions['onObject']>,
): AsyncGenerator<ScannedLine> {
  const { store, objects, scanning } = job;
  for await (const line of scanObjects(store, objects, { ...scanning, onObject })) {
    if (!isPassed(line, job)) yield line;
  }
}

const notePassed = async (job: Job, all: readonly StoredObject[]): Promise<void> => {
  const { store, scanning, replayed, checkpoint, fates } = job;
  const begun = all.filter((object) => replayed.linesOf(object) > 0 || object.key === checkpoint.at.key);
  for await (const line of scanObjects(store, begun, { ...scanning, onBroken: () => undefined })) {
    if (isPassed(line, job)) fates.notePassed(line);
  }
};

const planOf = async (job: Job, io: Io): Promise<Plan> => {
  const plan: Plan = { sent: 0, alreadyThere: 0, repeated: 0, read: [], keptBack: {} };
  const progress = startProgress(io);
  const onObject = (done: number, whole: number, object: ReadObject): void => {
    plan.read.push(object);
    progress.update(`${bar(done, whole)} looking at ${plural(whole, 'object')}`);
  };
  try {
    for await (const line of pending(job, onObject)) count(plan, job.fates.plan(line));
  } finally {
    progress.stop();
  }
  return plan;
};

const count = (plan: Plan, fate: Fate): void => {
  if (fate.kind === 'kept_back') plan.keptBack[fate.why] = (plan.keptBack[fate.why] ?? 0) + 1;
  else plan.alreadyThere += Number(fate.isAlreadyThere);
  if (fate.kind === 'sent') plan.sent += 1;
  if (fate.kind === 'repeated') plan.repeated += 1;
};

const REPEATED = 'other lines of these, as a replay leaves them; each event counts once';

const tellPlan = (
  { sent, alreadyThere, repeated, keptBack }: Plan,
  { options, checkpoint, objects, rules, scanning }: Job,
  io: Io,
): void => {
  const done = checkpoint.events;
  if (options.json) {
    if (options.dryRun) io.out(JSON.stringify({ done, wouldSend: sent, alreadyThere, repeated, keptBack }));
    else if (sent === 0) io.out(JSON.stringify({ sent }));
    return;
  }
  if (done > 0)
    io.err(
      checkpoint.isDone
        ? `It was replayed before; ${plural(objects.length, 'object')} came since.`
        : `Goes on after ${plural(done, 'event')}.`,
    );
  const rows = [
    ['to be sent', sent],
    ['of these delivered there before; Customer.io ignores events it has', alreadyThere],
    ...Object.entries(keptBack).map(([why, events]) => [`kept back: ${why}`, events]),
    ...(repeated > 0 ? [[REPEATED, repeated]] : []),
  ].map(([what, events]) => [String(events), String(what)]);
  io.out(layOut(['events', 'what becomes of them'], rows));
  for (const way of waysOut(keptBack, rules, scanning.sources)) io.err(way);
};

/** Events that are sent at once; a kill makes the next run send no more than these again. */
const CHUNK_EVENTS = 500;

const sendAll = async (job: Job, whole: number, io: Io): Promise<void> => {
  // Where it cannot be written, nothing is sent.
  await writeCheckpoint(job.checkpointPath, job.checkpoint);
  const sender = new Sender(job, io);
  const progress = startProgress(io);
  try {
    const quiet = { ...job, scanning: { ...job.scanning, onBroken: () => undefined } };
    for await (const line of pending(quiet, (_, __, object) => sender.hasRead(object))) {
      await sender.take(line);
      progress.update(`${bar(sender.events, whole)} ${plural(sender.events, 'event')} sent`);
    }
    await sender.finish();
  } catch (error) {
    if (!io.signal.aborted) throw error;
    throw new Failure(
      `Interrupted after ${plural(sender.events, 'event')}.`,
      'The same command goes on from there.',
      EXIT.interrupted,
    );
  } finally {
    progress.stop();
  }
  const text = `${plural(sender.events, 'event')} put on the queue again.`;
  io.out(job.options.json ? JSON.stringify({ sent: sender.events }) : text);
};

interface Waiting {
  readonly event: unknown;
  readonly text: string;
}

class Sender {
  events = 0;
  private readonly sinks = new Map<unknown, Sink>();
  private readonly waiting = new Map<Sink, Waiting[]>();
  private waitingEvents = 0;
  private readonly read: ReadObject[] = [];
  private last: Place;
  private readonly paceOfEvents: Pace;

  constructor(
    private readonly job: Job,
    private readonly io: Io,
  ) {
    this.paceOfEvents = paceOf(job.options.rate, io.signal);
    this.last = job.checkpoint.at;
  }

  async take(line: ScannedLine): Promise<void> {
    this.last = line.place;
    const fate = this.job.fates.send(line);
    if (fate.kind !== 'sent') return;
    const sink = this.sinkOf(fate.source);
    const waiting = this.waiting.get(sink) ?? [];
    waiting.push({ event: line.event, text: toSqsJson(fate.text) });
    this.waiting.set(sink, waiting);
    this.waitingEvents += 1;
    if (this.waitingEvents >= this.chunkEvents) await this.flush(false);
  }

  /** To its end: what it held is done once all that waits is sent. */
  hasRead(object: ReadObject): void {
    this.read.push(object);
  }

  finish(): Promise<void> {
    return this.flush(true);
  }

  private get chunkEvents(): number {
    return Math.max(1, Math.min(CHUNK_EVENTS, Math.floor(this.job.options.rate ?? CHUNK_EVENTS)));
  }

  /** Sent first, and written down only then. */
  private async flush(isDone: boolean): Promise<void> {
    const { replayed, rules } = this.job;
    // Somebody may have been forgotten since it began.
    await rules.forgotten.refresh();
    for (const [sink, waiting] of this.waiting) {
      const events = waiting.flatMap(({ event, text }) => (rules.forgotten.has(event) ? [] : text));
      await this.paceOfEvents.take(events.length);
      await sink(events);
      this.events += events.length;
    }
    this.waiting.clear();
    this.waitingEvents = 0;
    await replayed.add(this.read.splice(0));
    const { checkpoint, checkpointPath } = this.job;
    const events = checkpoint.events + this.events;
    const now: ReplayCheckpoint = { ...checkpoint, at: this.last, events, isDone };
    await writeCheckpoint(checkpointPath, now);
  }

  /** One for each source and workspace, at a share of that one's rate. */
  private sinkOf(source: Parameters<typeof queueSink>[1]): Sink {
    const known = this.sinks.get(source);
    if (known !== undefined) return known;
    const pace = paceOf(this.job.options.share * source.requestsPerSecond, this.io.signal);
    const sink = queueSink(this.job.queue, source, pace);
    this.sinks.set(source, sink);
    return sink;
  }
}
