// `relay replay`: events of the archive once more, through the queue, with the messageIds and times of the first time, so
// that Customer.io ignores what it has. Killed at any moment, the same command goes on.

import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import type { ParsedSettings } from '../../../lib/config/settings';
import type { ArchiveStore } from '../../archive/store';
import { parseRate, parseShare } from '../arguments';
import { confirm } from '../confirm';
import { whileLocked } from '../import/checkpoint-lock';
import { requireWritable } from '../import/rejections';
import type { Io } from '../io';
import { plural } from '../layout';
import { readPeopleFile } from '../people-file';
import { openTarget, QUEUES, readSettings, type Target } from '../target';
import { describeCommand, optionsOf } from '../words';
import { Forgotten } from './forgotten';
import { Gone, Sites } from './gone';
import { openArchive } from './open-archive';
import { Fates, type ReplayRules, requireWorkspace } from './replay-fate';
import {
  forgetProgress,
  type Job,
  notePassed,
  openCheckpoint,
  pendingObjects,
  type ReplayOptions,
} from './replay-job';
import { planOf, tellPlan } from './replay-plan';
import { sendAll } from './replay-sender';
import { ReplayedObjects } from './replayed-objects';
import { objectsIn, type ScanOptions, scan, tellBroken } from './scan';
import { rangeOf, selecting, sourcesFor } from './selection';

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

const replayFrom = async (opened: Opened, options: ReplayOptions, io: Io): Promise<void> => {
  const job = await openJob(opened, options, io);
  const { store, target, checkpointPath } = opened;
  const plan = await planOf(job, io);
  const isOver = job.checkpoint.isDone && plan.sent === 0;
  if (isOver && !options.dryRun) await job.replayed.add(plan.read);
  if (options.json || !isOver) tellPlan(plan, job, io);
  if (isOver) return io.err(`It was replayed before, says ${checkpointPath}; --restart begins anew.`);
  if (options.dryRun) return io.err('A rehearsal: nothing was sent.');
  if (plan.sent === 0) return io.err('There is nothing to send.');
  await confirm(io, `Sends ${plural(plan.sent, 'event')} from ${store.name} to ${target.name}.`, options);
  await sendAll(job, plan.sent, io);
  await tellLate(job, io);
};

const openJob = async (opened: Opened, options: ReplayOptions, io: Io): Promise<Job> => {
  const { target, store, sources, fingerprint, checkpointPath } = opened;
  // A rehearsal begins anew without taking anything away.
  const checkpoint = await openCheckpoint(options.restart ? undefined : checkpointPath, fingerprint);
  const replayed = await ReplayedObjects.open(checkpointPath, checkpoint);
  const startedAtMs = Date.parse(checkpoint.startedAt);
  const scanning: ScanOptions = {
    sources,
    range: rangeOf(options, startedAtMs),
    signal: io.signal,
    onBroken: tellBroken(store, io),
  };
  const rules = await rulesOf(opened, options, scanning, startedAtMs);
  const queue = await target.queue(QUEUES.events);
  const fates = new Fates(rules);
  const all = await objectsIn(store, scanning);
  const objects = pendingObjects(all, replayed, checkpoint);
  const job: Job = {
    ...{ options, store, queue, rules, fates, scanning, replayed, objects, checkpoint, checkpointPath },
  };
  await notePassed(job, all);
  return job;
};

/** With everybody who is gone, as the archive knows until now. */
const rulesOf = async (
  { settings, store, sources, deleted }: Opened,
  options: ReplayOptions,
  scanning: ScanOptions,
  startedAtMs: number,
): Promise<ReplayRules> => {
  const sites = new Sites(settings);
  const gone = new Gone(deleted, sites);
  const since = { ...scanning, range: { ...scanning.range, untilMs: Date.now() } };
  await noteGone(store, { ...since, sources: sites.sharedWith(sources), onBroken: () => undefined }, gone);
  return {
    selection: options,
    settings,
    toWorkspace: options.toWorkspace,
    forgotten: await Forgotten.open(store),
    gone,
    allowCampaigns: options.allowCampaigns === true,
    startedAtMs,
  };
};

/** What Firehose has brought since it began. */
const tellLate = async (job: Job, io: Io): Promise<void> => {
  const { store, scanning, replayed, checkpoint } = job;
  const objects = pendingObjects(await objectsIn(store, scanning), replayed, checkpoint);
  const late = await planOf({ ...job, objects }, io);
  if (late.sent === 0) await replayed.add(late.read);
  else io.err(`${plural(late.sent, 'event')} came into the archive meanwhile: the same command sends them.`);
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

const listed = async ({ deleted }: ReplayOptions, io: Io): Promise<string[]> =>
  deleted === undefined ? [] : readPeopleFile(deleted, io);

const noteGone = async (store: ArchiveStore, scanning: ScanOptions, gone: Gone): Promise<void> => {
  for await (const line of scan(store, scanning)) gone.note(line);
  if (gone.isAnybody) for await (const line of scan(store, scanning)) gone.noteNames(line);
};
