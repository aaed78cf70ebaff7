// The events of a replay on their way to the queue, at their pace; what is sent is written down after that.

import { toSqsJson } from '../../../lib/queue/outgoing-message';
import { EXIT, Failure } from '../failure';
import { writeCheckpoint } from '../import/checkpoint';
import { queueSink, type Sink } from '../import/sink';
import type { Io } from '../io';
import { plural } from '../layout';
import { type Pace, paceOf } from '../pace';
import { bar, startProgress } from '../progress';
import { type Job, pending, type ReplayCheckpoint } from './replay-job';
import type { ReadObject } from './replayed-objects';
import type { Place, ScannedLine } from './scan';

/** Events that are sent at once; a kill makes the next run send no more than these again. */
const CHUNK_EVENTS = 500;

export const sendAll = async (job: Job, whole: number, io: Io): Promise<void> => {
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
