// The queues as the journal sees them: what was sent to one, and what an invocation made of a batch. An event that
// is sent again, from the dead letters or because its message was not finished, goes on with the row it has.

import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { namesOf, type Source } from '../../../lib/config/source';
import type { Connector } from '../../../lib/delivery/connector';
import { type Message, type QueuedEvent, readEvents, readMessage } from '../../../lib/queue/message';
import type { Door } from '../../console/contract';
import { readBatchResponse } from '../batch-response';
import type { Operations } from './delivery-watch';
import type { Journal, JournalEntry } from './journal';

/** One of the two ways: events to Customer.io, or activity to Segment. */
export interface Way {
  readonly door: Door;
  readonly connector: Connector;
  readonly destination: string;
}

export interface QueueWatchOptions {
  readonly journal: Journal;
  readonly sources: readonly Source[];
  readonly operations: Operations;
  /** When a message that is in flight is handed out again, in milliseconds since 1970. */
  readonly visibleAt: (sqsMessageId: string) => number | undefined;
}

interface Placed {
  readonly entry: JournalEntry;
  readonly queued: QueuedEvent;
  readonly sqsMessageId: string;
  /** Position in the message. */
  readonly index: number;
}

export class QueueWatch {
  /** By message and position in it. */
  private readonly places = new Map<string, JournalEntry>();
  /** In how many places each is. */
  private readonly copies = new WeakMap<JournalEntry, number>();
  /** Events that an invocation works on now. */
  private readonly underWay = new Set<JournalEntry>();

  constructor(private readonly options: QueueWatchOptions) {}

  /** A message was put on a queue of events, by whomever. */
  sent(record: SQSRecord, way: Way): void {
    this.read(record, way);
  }

  /** A message was put on a dead-letter queue. */
  gaveUp(record: SQSRecord, way: Way): void {
    const { journal } = this.options;
    const message = readMessage(record);
    const [reason = '', detail = ''] = ['reason', 'detail'].map(
      (name) => record.messageAttributes[name]?.stringValue,
    );
    const dead = { fate: 'dead_lettered' as const, reason, detail };
    for (const queued of readEvents(message)) {
      const open = this.findOpen(queued.messageId);
      if (open !== undefined) journal.settle(open, dead, 'Dead-lettered');
      else journal.add(newEvent(queued, message, way, this.options.sources), dead, 'Dead-lettered');
    }
  }

  /** Runs the invocation, and takes down what became of each event. */
  async invocation(event: SQSEvent, way: Way, invoke: () => Promise<unknown>): Promise<unknown> {
    const placed = event.Records.flatMap((record) => this.take(record, way));
    try {
      const answer = await invoke();
      const sent = new Set(event.Records.map(({ messageId }) => messageId));
      const response = readBatchResponse(answer, sent);
      const failed = response.valid ? response.failedIds : sent;
      for (const one of placed) this.end(one, way, failed.has(one.sqsMessageId));
      return answer;
    } catch (error) {
      for (const one of placed) this.end(one, way, true);
      throw error;
    } finally {
      for (const { entry } of placed) this.options.operations.forget(entry);
    }
  }

  private take(record: SQSRecord, way: Way): Placed[] {
    const times = Number(record.attributes.ApproximateReceiveCount);
    return this.read(record, way).map((placed) => {
      const { entry, queued } = placed;
      this.options.journal.step(entry, `Taken from the queue${times > 1 ? `, time ${times}` : ''}`, '');
      this.underWay.add(entry);
      this.prepare(entry, queued, way);
      return placed;
    });
  }

  /** The mapping is pure: what it answers here is what it answers in the function. */
  private prepare(entry: JournalEntry, { event, raw, fault }: QueuedEvent, { connector }: Way): void {
    const source = sourceOf(entry.summary.source, this.options.sources);
    if (fault !== undefined || source === undefined) return;
    const prepared = connector.prepare(event, source, raw);
    if (prepared.kind !== 'items') return;
    const operations = prepared.items.map(({ json }) => json.toString());
    this.options.journal.mapped(entry, operations);
    this.options.operations.expect(entry, operations);
  }

  private end({ entry, queued, sqsMessageId, index }: Placed, way: Way, isFailed: boolean): void {
    this.underWay.delete(entry);
    if (!isFailed) this.forget(sqsMessageId, index, entry);
    const { fate } = entry.summary;
    if (fate !== 'queued' && fate !== 'retried') return;
    if (isFailed) this.retry(entry, sqsMessageId);
    else if (!this.isElsewhere(entry)) this.finish(entry, queued, way);
  }

  private finish(entry: JournalEntry, queued: QueuedEvent, way: Way): void {
    const skipped = this.skipReason(entry, queued, way);
    const fate = skipped === undefined ? ('delivered' as const) : ('skipped' as const);
    const what = skipped === undefined ? `Delivered to ${way.destination}` : 'Skipped';
    this.options.journal.settle(entry, { fate, reason: skipped ?? '' }, what);
  }

  private retry(entry: JournalEntry, sqsMessageId: string): void {
    const retryAt = this.options.visibleAt(sqsMessageId);
    const last = this.options.operations.lastProblem(entry);
    const retried = {
      fate: 'retried' as const,
      reason: last?.reason ?? '',
      detail: last?.detail ?? '',
      retryAt,
    };
    this.options.journal.settle(entry, retried, 'Back on the queue');
  }

  private skipReason(
    entry: JournalEntry,
    { event, raw }: QueuedEvent,
    { connector }: Way,
  ): string | undefined {
    const source = sourceOf(entry.summary.source, this.options.sources);
    const prepared = source && connector.prepare(event, source, raw);
    return prepared?.kind === 'skipped' ? prepared.reason : undefined;
  }

  private read(record: SQSRecord, way: Way): Placed[] {
    const message = readMessage(record);
    const name = message.sourceName ?? this.options.sources[0]?.name;
    const names = namesOf(this.options.sources.filter((source) => source.name === name));
    return readEvents(message, names).map((queued, index) => {
      const { sqsMessageId } = message;
      const known = this.places.get(placeOf(sqsMessageId, index));
      const entry = known ?? this.enter(queued, message, way);
      if (known === undefined) this.place(sqsMessageId, index, entry);
      return { entry, queued, sqsMessageId, index };
    });
  }

  private enter(queued: QueuedEvent, message: Message, way: Way): JournalEntry {
    const { journal } = this.options;
    const again = this.findOpen(queued.messageId) ?? this.findDead(queued.messageId);
    if (again === undefined) return this.add(queued, message, way);
    journal.onQueue(again, queued.raw);
    if (!this.underWay.has(again)) journal.settle(again, { fate: 'queued' }, 'Sent again');
    else journal.settle(again, { fate: 'retried' }, 'Put back, as a message of its own');
    return again;
  }

  private add(queued: QueuedEvent, message: Message, way: Way): JournalEntry {
    const { journal, sources } = this.options;
    const entry = journal.add(newEvent(queued, message, way, sources), { fate: 'queued' }, 'On the queue');
    journal.onQueue(entry, queued.raw);
    return entry;
  }

  /** An event that an invocation works on: what is sent under its messageId meanwhile is the same event. */
  private findOpen(messageId: string): JournalEntry | undefined {
    return this.options.journal.withMessageId(messageId).find((entry) => this.underWay.has(entry));
  }

  private findDead(messageId: string): JournalEntry | undefined {
    return this.options.journal
      .withMessageId(messageId)
      .find(({ summary: { fate } }) => fate === 'dead_lettered');
  }

  private place(sqsMessageId: string, index: number, entry: JournalEntry): void {
    this.places.set(placeOf(sqsMessageId, index), entry);
    this.copies.set(entry, (this.copies.get(entry) ?? 0) + 1);
  }

  private forget(sqsMessageId: string, index: number, entry: JournalEntry): void {
    if (this.places.delete(placeOf(sqsMessageId, index)))
      this.copies.set(entry, (this.copies.get(entry) ?? 1) - 1);
  }

  /** Its message is done with, but it stands in another one that is not. */
  private isElsewhere(entry: JournalEntry): boolean {
    return (this.copies.get(entry) ?? 0) > 0;
  }
}

const placeOf = (sqsMessageId: string, index: number): string => `${sqsMessageId}/${index}`;

const sourceOf = (name: string, sources: readonly Source[]): Source | undefined =>
  sources.find((source) => source.name === name);

const newEvent = (queued: QueuedEvent, message: Message, { door }: Way, sources: readonly Source[]) => ({
  // Until the endpoint has answered: then it is known that the event came in by it.
  door: door === 'webhook' ? door : ('queue' as const),
  source: message.sourceName ?? sources[0]?.name ?? '',
  raw: queued.raw,
  messageId: queued.messageId,
});
