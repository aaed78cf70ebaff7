// `relay import`: what happened before the relay was there, or elsewhere, goes to Customer.io with its own times.

import type { Source } from '../../../lib/config/source';
import { prepareForCustomerIo } from '../../../lib/destinations/customerio/prepare';
import type { EventType } from '../../../lib/event/event';
import { confirm } from '../confirm';
import { EXIT, Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import { paceOf } from '../pace';
import {
  openTarget,
  QUEUES,
  readSettings,
  sourceOf,
  type Target,
  type TargetOptions,
  workspacesOf,
} from '../target';
import { type Checkpoint, fingerprintOf, readCheckpoint, removeCheckpoint } from './checkpoint';
import { whileLocked } from './checkpoint-lock';
import { type ColumnMapping, readColumnMapping, requireMappedColumns } from './columns';
import { importFile } from './import-file';
import { eventCount, Fates, rejectedTable, totalOf } from './import-report';
import { type Format, type Input, nameOf, openInput, requireFile } from './input';
import { requireOverwritable, requireWritable } from './rejections';
import { httpSink, queueSink, type Sink } from './sink';
import { type Imported, type ImportSettings, toEvents } from './to-events';

export interface ImportOptions extends TargetOptions {
  readonly source?: string;
  readonly as?: EventType;
  readonly format?: Format;
  /** A mapping file for the columns of CSV. */
  readonly mapping?: string;
  readonly via: 'queue' | 'http';
  readonly endpoint?: string;
  /** Events a second. */
  readonly rate?: number;
  /** Which part of the source's requests a second the import may use. */
  readonly share?: number;
  readonly allowCampaigns?: boolean;
  readonly dryRun?: boolean;
  readonly restart?: boolean;
  readonly checkpoint?: string;
  readonly rejected?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

interface Job {
  readonly target: Target;
  readonly source: Source;
  /** The source once for each workspace that its events are delivered to. */
  readonly workspaces: readonly Source[];
  readonly mapping: ColumnMapping | undefined;
  readonly options: ImportOptions;
}

export const importFiles = async (
  paths: readonly string[],
  options: ImportOptions,
  io: Io,
): Promise<void> => {
  requireOneFile(paths, options);
  for (const path of paths) {
    const { checkpointPath, rejectedPath } = placesOf(path, await sizeOf(path), options);
    if (options.dryRun) continue;
    if (checkpointPath !== undefined) await requireWritable(checkpointPath, '--checkpoint');
    await requireWritable(rejectedPath, '--rejected');
    await requireOverwritable(rejectedPath, path);
  }
  const target = await openTarget(options, io);
  const settings = await readSettings(target);
  const source = sourceOf(settings, options.source);
  const workspaces = workspacesOf(settings, options.source);
  const mapping = options.mapping === undefined ? undefined : await readColumnMapping(options.mapping);
  const job = { target, source, workspaces, mapping, options };
  if (options.dryRun) return rehearse(paths, job, io);
  const place = `${target.name}, as source ${source.name}, by ${options.via === 'http' ? 'HTTP' : 'its queue'}`;
  await confirm(io, `Imports ${paths.join(', ')} to ${place}.`, options);
  const results: FileResult[] = [];
  for (const path of paths) results.push(await importAlone(path, job, io));
  requireAll(results);
};

interface FileResult {
  readonly rejected: number;
  readonly rejectedPath: string;
}

const requireOneFile = (paths: readonly string[], { checkpoint, rejected }: ImportOptions): void => {
  if (paths.length === 1 || (checkpoint === undefined && rejected === undefined)) return;
  throw usageFailure('--checkpoint and --rejected are for one file.', 'Import the files one by one.');
};

const sizeOf = async (path: string): Promise<number | undefined> =>
  path === '-' ? undefined : requireFile(path);

interface Places {
  /** Undefined for what cannot be read again. */
  readonly checkpointPath: string | undefined;
  readonly rejectedPath: string;
}

const placesOf = (path: string, size: number | undefined, options: ImportOptions): Places => ({
  checkpointPath: size === undefined ? undefined : (options.checkpoint ?? `${path}.relay-checkpoint.json`),
  rejectedPath: options.rejected ?? `${size === undefined ? nameOf(path) : path}.rejected.ndjson`,
});

const settingsFor = (input: Input, job: Job, startedAt: string): ImportSettings => ({
  name: input.name,
  startedAt,
  as: job.options.as,
  mapping: job.mapping,
  identity: identityOf(job),
  workspaces: job.workspaces,
  allowCampaigns: job.options.allowCampaigns === true,
});

const open = (path: string, { options, mapping }: Job, io: Io): Promise<Input> =>
  openInput(path, io.stdin, options.format, (header) => requireMappedColumns(header, mapping, path));

/** What one of several workspaces can take is imported; each says itself what it knows people by. */
const identityOf = ({ source, workspaces }: Job): ImportSettings['identity'] =>
  workspaces.length > 1 ? { ...source, workspaceIdentifiers: 'email_phone_or_id' } : source;

/** What cannot be read again has no checkpoint that anybody else could work by. */
const importAlone = async (path: string, job: Job, io: Io): Promise<FileResult> => {
  const { checkpointPath } = placesOf(path, await sizeOf(path), job.options);
  const work = () => importOne(path, job, io);
  return checkpointPath === undefined ? work() : whileLocked(checkpointPath, work);
};

const importOne = async (path: string, job: Job, io: Io): Promise<FileResult> => {
  const { options } = job;
  const input = await open(path, job, io);
  const { checkpointPath, rejectedPath } = placesOf(path, input.size, options);
  if (options.restart && checkpointPath !== undefined) await removeCheckpoint(checkpointPath);
  const checkpoint = await readCheckpoint(checkpointPath, fingerprint(input, job), new Date().toISOString());
  if (checkpoint.isDone)
    io.err('It was imported before; --restart begins anew, and the same events again are harmless.');
  else if (checkpoint.records > 0)
    io.err(`Goes on after ${eventCount(checkpoint.events)}, by ${checkpointPath}.`);
  const settings = settingsFor(input, job, checkpoint.startedAt);
  const fileJob = {
    input,
    settings,
    checkpoint,
    checkpointPath,
    rejectedPath,
    chunkEvents: chunkFor(options),
  };
  const done = checkpoint.isDone
    ? checkpoint
    : await importFile({ ...fileJob, sink: await sinkFor(job, io) }, io);
  tell(path, done, rejectedPath, options, io);
  return { rejected: totalOf(done.rejected), rejectedPath };
};

/** What decides the events. Where they go does not: a part by HTTP and the rest by the queue is one import. */
const fingerprint = (input: Input, { options, mapping, source, target }: Job): string =>
  fingerprintOf(input, {
    target: target.name,
    source: source.name,
    as: options.as,
    mapping: mapping && [mapping.type, [...mapping.columns]],
    allowCampaigns: options.allowCampaigns === true,
  });

const MAX_CHUNK_EVENTS = 5_000;

/** A slow import must not send a minute's worth at once. */
const chunkFor = ({ rate = Infinity, share }: ImportOptions): number =>
  Math.max(1, Math.min(share === undefined ? MAX_CHUNK_EVENTS : MAX_CHUNK_EVENTS / 10, Math.floor(rate)));

const sinkFor = async ({ target, source, workspaces, options }: Job, io: Io): Promise<Sink> => {
  const { rate, share } = options;
  // Each event goes to all workspaces: the slowest one's share is what there is.
  const slowest = Math.min(...workspaces.map((workspace) => workspace.requestsPerSecond));
  const requestsPerSecond = share === undefined ? undefined : share * slowest;
  const pace = paceOf(requestsPerSecond, io.signal);
  const paceOfEvents = paceOf(rate, io.signal);
  const sink =
    options.via === 'http'
      ? httpSink(
          { endpoint: options.endpoint ?? (await target.endpoint()), stage: options.stage },
          source,
          pace,
          io,
        )
      : queueSink(await target.queue(QUEUES.events), source, pace);
  return async (events) => {
    await paceOfEvents.take(events.length);
    await sink(events);
  };
};

const tell = (
  path: string,
  { events, rejected }: Checkpoint,
  where: string,
  { json }: ImportOptions,
  io: Io,
) => {
  const notImported = totalOf(rejected);
  const rejectedFile = notImported === 0 ? undefined : where;
  if (json) return io.out(JSON.stringify({ file: path, events, rejected, rejectedFile }));
  io.out(`${path === '-' ? 'Standard input' : path} is imported: ${eventCount(events)}.`);
  if (notImported === 0) return;
  io.out(`\n${rejectedTable(rejected)}\n`);
  if (rejected['younger_than_72_hours'] !== undefined) io.err(WHY_72_HOURS);
};

const WHY_72_HOURS =
  'Customer.io starts campaigns for activity of the last 72 hours, so people would get messages now for what they did then. If they should: --allow-campaigns.';

/** What was not imported is a failure, also when the rest was. */
const requireAll = (results: readonly FileResult[]): void => {
  const partial = results.filter(({ rejected }) => rejected > 0);
  if (partial.length === 0) return;
  throw new Failure(
    `${eventCount(partial.reduce((sum, { rejected }) => sum + rejected, 0))} not imported.`,
    `With line and reason in ${partial.map(({ rejectedPath }) => rejectedPath).join(', ')}: mend and import that.`,
  );
};

/** Translates everything as the consumer would, for each workspace, and sends nothing. */
const rehearse = async (paths: readonly string[], job: Job, io: Io): Promise<void> => {
  for (const path of paths) {
    const rehearsals = await rehearseOne(await open(path, job, io), job, io.signal);
    for (const rehearsal of rehearsals) io.out(describeRehearsal(path, rehearsal, job.options));
  }
  io.err('A rehearsal: nothing was sent.');
};

const describeRehearsal = (
  file: string,
  { source: { workspace }, fates }: Rehearsal,
  { json }: ImportOptions,
): string => {
  if (json) return JSON.stringify({ file, workspace, fates: fates.toJson() });
  return `${file}${workspace === undefined ? '' : `, workspace ${workspace}`}\n\n${fates.toText()}\n`;
};

interface Rehearsal {
  readonly source: Source;
  readonly fates: Fates;
}

const rehearseOne = async (input: Input, job: Job, signal: AbortSignal): Promise<readonly Rehearsal[]> => {
  const settings = settingsFor(input, job, new Date().toISOString());
  const rehearsals = job.workspaces.map((source) => ({ source, fates: new Fates() }));
  for await (const record of input.records) {
    if (signal.aborted) throw new Failure('Interrupted.', 'Nothing was sent.', EXIT.interrupted);
    for (const imported of toEvents(record, settings)) {
      for (const { source, fates } of rehearsals) fates.add(...fateOf(imported, source, record.line));
    }
  }
  return rehearsals;
};

/** What it is with its reason, the line, and what is wrong. */
const fateOf = (imported: Imported, source: Source, line: number): Parameters<Fates['add']> => {
  if (imported.kind === 'rejected') return [`rejected: ${imported.reason}`, line, imported.detail];
  const prepared = prepareForCustomerIo(JSON.parse(imported.text), source);
  if (prepared.kind === 'items') return ['deliverable', line];
  const detail = prepared.kind === 'rejected' ? prepared.detail : undefined;
  return [`${prepared.kind}: ${prepared.reason}`, line, detail];
};
