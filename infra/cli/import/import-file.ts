// Imports one file. Reading and sending go on beside each other, a chunk ahead; what is sent is written into the
// checkpoint only then. So a run that is killed at any moment goes on with the same command: nothing is skipped, and
// what is sent a second time is the same to Customer.io.

import { EXIT, Failure } from '../failure';
import type { Io } from '../io';
import { sizeOf } from '../layout';
import { bar, startProgress, timeLeft } from '../progress';
import { type Checkpoint, type Tally, writeCheckpoint } from './checkpoint';
import { eventCount, totalOf } from './import-report';
import type { FileRecord, Input } from './input';
import { type RejectedRow, RejectionFile } from './rejections';
import type { Sink } from './sink';
import { type ImportSettings, toEvents } from './to-events';

export interface FileImport {
  readonly input: Input;
  readonly settings: ImportSettings;
  readonly sink: Sink;
  readonly checkpoint: Checkpoint;
  /** Undefined: of standard input nothing can be read again. */
  readonly checkpointPath: string | undefined;
  readonly rejectedPath: string;
  /** Events that are sent at once, at most. */
  readonly chunkEvents: number;
}

const CHUNK_BYTES = 640_000;
/**
 * How often a checkpoint is written: what came after it is sent again when the process is killed, and each costs a
 * write that reaches the disk.
 */
const CHECKPOINT_EVERY_MS = 1_000;

interface Chunk {
  readonly events: string[];
  readonly rejections: RejectedRow[];
  bytes: number;
  /** How many records of the file are read, this chunk included. */
  records: number;
  /** What is read of the unpacked file, this chunk included: bytes, or characters of its lines. */
  processed: number;
  processedBefore: number;
}

/** Resolves to what became of the whole file. @throws Failure when interrupted; it says how to go on. */
export const importFile = async (job: FileImport, io: Io): Promise<Checkpoint> => {
  const progress = startProgress(io);
  const run = new ImportRun(job, (tally, done) => progress.update(describe(job, tally, done, run)));
  try {
    await run.all(io.signal).catch(async (error: unknown) => {
      // A wait that Ctrl-C cut short: what was waiting is not counted as sent.
      if (io.signal.aborted && !(error instanceof Failure)) return;
      const { events } = await run.write(false);
      if (events > 0) io.err(`Stopped after ${eventCount(events)}.`);
      throw error;
    });
    return await run.finish(!io.signal.aborted);
  } finally {
    progress.stop();
    await run.close();
  }
};

class ImportRun {
  readonly startedAtMs = Date.now();
  /** Bytes of the file that an earlier run had imported. */
  startedAtBytes: number | undefined;
  private readonly tally: Tally;
  private readonly rejections: RejectionFile;
  private sending: Promise<void> = Promise.resolve();
  private writtenAtMs = Date.now();

  constructor(
    private readonly job: FileImport,
    private readonly onProgress: (tally: Tally, bytesDone: number) => void,
  ) {
    const { records, events, rejected, rejectedBytes } = job.checkpoint;
    this.tally = { records, events, rejected: { ...rejected }, rejectedBytes };
    this.rejections = new RejectionFile(job.rejectedPath, rejectedBytes);
  }

  async all(signal: AbortSignal): Promise<void> {
    try {
      for await (const chunk of chunksOf(this.job)) {
        await this.sending;
        if (signal.aborted) return;
        this.sending = this.send(chunk);
        // Awaited with the next chunk; it must not count as unhandled before.
        this.sending.catch(() => {});
      }
    } finally {
      // Awaited also when the rest cannot be read: what could be is on the queue.
      await this.sending;
    }
  }

  private async send(chunk: Chunk): Promise<void> {
    const { tally, job } = this;
    this.startedAtBytes ??= job.input.bytesDone(chunk.processedBefore);
    if (chunk.events.length > 0) await job.sink(chunk.events);
    tally.rejectedBytes = await this.rejections.add(chunk.rejections);
    tally.records = chunk.records;
    tally.events += chunk.events.length;
    for (const { reason } of chunk.rejections) tally.rejected[reason] = (tally.rejected[reason] ?? 0) + 1;
    this.onProgress(tally, job.input.bytesDone(chunk.processed));
    if (Date.now() - this.writtenAtMs >= CHECKPOINT_EVERY_MS) await this.write(false);
  }

  async write(isDone: boolean): Promise<Checkpoint> {
    const { checkpoint, checkpointPath } = this.job;
    const now = { ...checkpoint, ...this.tally, isDone };
    if (checkpointPath !== undefined) await writeCheckpoint(checkpointPath, now);
    this.writtenAtMs = Date.now();
    return now;
  }

  async finish(isDone: boolean): Promise<Checkpoint> {
    const last = await this.write(isDone);
    if (isDone) return last;
    throw new Failure(
      `Interrupted after ${eventCount(last.events)}.`,
      this.job.checkpointPath === undefined
        ? 'What came by a pipe cannot be gone on with; the same events again are harmless.'
        : 'The same command goes on from there.',
      EXIT.interrupted,
    );
  }

  close(): Promise<void> {
    return this.rejections.close();
  }
}

/** The chunks of the file, from where the checkpoint stands. */
async function* chunksOf({ input, settings, checkpoint, chunkEvents }: FileImport): AsyncGenerator<Chunk> {
  let records = 0;
  let processed = 0;
  let chunk = newChunk(checkpoint.records, 0);
  try {
    for await (const record of input.records) {
      records += 1;
      processed = record.end ?? processed + ('text' in record ? record.text.length + 1 : 0);
      if (records <= checkpoint.records) {
        chunk.processedBefore = processed;
        continue;
      }
      fill(chunk, record, settings);
      chunk.records = records;
      chunk.processed = processed;
      if (chunk.events.length + chunk.rejections.length >= chunkEvents || chunk.bytes >= CHUNK_BYTES) {
        yield chunk;
        chunk = newChunk(records, processed);
      }
    }
  } catch (error) {
    // What was read before the rest could not be.
    yield chunk;
    throw error;
  }
  yield chunk;
}

const newChunk = (records: number, processedBefore: number): Chunk => ({
  events: [],
  rejections: [],
  bytes: 0,
  records,
  processed: processedBefore,
  processedBefore,
});

const fill = (chunk: Chunk, record: FileRecord, settings: ImportSettings): void => {
  for (const imported of toEvents(record, settings)) {
    chunk.bytes += imported.text.length;
    if (imported.kind === 'event') chunk.events.push(imported.text);
    else chunk.rejections.push({ ...imported, line: record.line });
  }
};

const describe = (
  { input, checkpoint }: FileImport,
  tally: Tally,
  done: number,
  { startedAtMs, startedAtBytes = 0 }: ImportRun,
): string => {
  const elapsedMs = Date.now() - startedAtMs;
  const perSecond = Math.round(((tally.events - checkpoint.events) * 1_000) / Math.max(1, elapsedMs));
  const rejected = totalOf(tally.rejected);
  const sinceStart = done - startedAtBytes;
  return [
    bar(done, input.size),
    sizeOf(done),
    eventCount(tally.events),
    `${perSecond.toLocaleString('en')}/s`,
    input.size ? timeLeft(sinceStart, input.size - startedAtBytes, elapsedMs) : '',
    rejected === 0 ? '' : `${rejected} rejected`,
  ]
    .filter((part) => part !== '')
    .join('  ');
};
