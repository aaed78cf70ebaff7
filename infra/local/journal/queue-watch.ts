// The queues as the journal sees them: what was sent to one, and what an invocation made of a batch. An event that
// is sent again, from the dead letters or because its message was not finished, goes on with the row it has.

import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { namesOf, type Source } from '../../../lib/config/source';
import type { Connector, Prepare, Prepared } from '../../../lib/delivery/connector';
import { type Message, type QueuedEvent, readEvents, readMessage } from '../../../lib/queue/message';
import type { Door } from '../../console/contract';
import { readBatchResponse } from '../batch-response';
import type { Operations } from './delivery-watch';
import type { Journal, JournalEntry, NewFate } from './journal';

/** One of the two ways: events to Customer.io, or activity to Segment. */
export interface Way {
  readonly door: Door;
  readonly connector: Connector;
  readonly destination: string;
  /** Once for each place that its events go to. */
  readonly sources: readonly Source[];
}

export interface QueueWatchOptions {
  readonly journal: Journal;
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
  /** What the message is for; empty where nobody is configured. */
  readonly sources: readonly Source[];
}

export class QueueWatch {
  /** By message and position in it. */
  private readonly places = new Map<string, JournalEntry>();
  /** In how many places each is, by workspace. */
  private readonly copies = new WeakMap<JournalEntry, Map<string, number>>();
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
      if (open !== undefined) journal.settle(open, dead, 'Dead-lettered', message.workspaceName);
      else this.enterDead(queued, message, way, dead);
    }
  }

  /** It has been given up by a door, or in an earlier run. */
  private enterDead(queued: QueuedEvent, message: Message, way: Way, dead: NewFate): void {
    const entry = this.options.journal.add(newEvent(queued, message, way), dead, 'Dead-lettered');
    if (message.workspaceName !== undefined) this.options.journal.divide(entry, [message.workspaceName]);
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
      for (const source of placed.sources) this.prepare(entry, queued, source, way);
      return placed;
    });
  }

  /** The mapping is pure: what it answers here is what it answers in the function. */
  private prepare(
    entry: JournalEntry,
    { event, raw, fault }: QueuedEvent,
    source: Source,
    { connector }: Way,
  ): void {
    if (fault !== undefined) return;
    const prepared = preparedBy(connector, event, source, raw);
    if (prepared?.kind !== 'items') return;
    const operations = prepared.items.map(({ json }) => json.toString());
    const [workspace, { siteId }] = [workspaceOf(source), source];
    this.options.journal.mapped(entry, operations, workspace);
    this.options.operations.expect({ entry, workspace, siteId }, operations);
  }

  private end(placed: Placed, way: Way, isFailed: boolean): void {
    const { entry, sqsMessageId, index, sources } = placed;
    this.underWay.delete(entry);
    if (!isFailed) this.forget(sqsMessageId, index, entry, sources);
    for (const source of sources.length > 0 ? sources : [undefined])
      this.endAt(source, placed, way, isFailed);
  }

  private endAt(
    source: Source | undefined,
    { entry, queued, sqsMessageId }: Placed,
    way: Way,
    isFailed: boolean,
  ) {
    const workspace = workspaceOf(source);
    const fate = this.options.journal.fateAt(entry, workspace);
    if (fate !== 'queued' && fate !== 'retried') return;
    if (isFailed) this.retry(entry, workspace, 'Back on the queue', this.options.visibleAt(sqsMessageId));
    else if (!this.isElsewhere(entry, workspace)) this.finish(entry, queued, source, way);
  }

  private finish(
    entry: JournalEntry,
    { event, raw }: QueuedEvent,
    source: Source | undefined,
    { connector, destination }: Way,
  ): void {
    const prepared = source && preparedBy(connector, event, source, raw);
    const workspace = workspaceOf(source);
    if (prepared?.kind === 'skipped')
      this.options.journal.settle(entry, { fate: 'skipped', reason: prepared.reason }, 'Skipped', workspace);
    else this.options.journal.settle(entry, { fate: 'delivered' }, `Delivered to ${destination}`, workspace);
  }

  private retry(entry: JournalEntry, workspace: string, what: string, retryAt?: number): void {
    const { reason = '', detail = '' } = this.options.operations.lastProblem(entry, workspace) ?? {};
    this.options.journal.settle(entry, { fate: 'retried', reason, detail, retryAt }, what, workspace);
  }

  private read(record: SQSRecord, way: Way): Placed[] {
    const message = readMessage(record);
    const ofName = way.sources.filter(({ name }) => name === nameOf(message, way));
    const sources = ofName.filter(
      ({ workspace }) => message.workspaceName === undefined || message.workspaceName === workspace,
    );
    return readEvents(message, namesOf(ofName)).map((queued, index) => {
      const { sqsMessageId } = message;
      const known = this.places.get(placeOf(sqsMessageId, index));
      const entry = known ?? this.enter(queued, message, sources, way);
      if (known === undefined) this.place(sqsMessageId, index, entry, sources);
      return { entry, queued, sqsMessageId, index, sources };
    });
  }

  private enter(queued: QueuedEvent, message: Message, sources: readonly Source[], way: Way): JournalEntry {
    const { journal } = this.options;
    const again = this.findOpen(queued.messageId) ?? this.findDead(queued.messageId);
    if (again === undefined) return this.add(queued, message, sources, way);
    journal.onQueue(again, queued.raw);
    journal.divide(again, workspacesOf(sources));
    const { workspaceName = '' } = message;
    if (!this.underWay.has(again)) journal.settle(again, { fate: 'queued' }, 'Sent again', workspaceName);
    else this.retry(again, workspaceName, 'Put back, as a message of its own');
    return again;
  }

  private add(queued: QueuedEvent, message: Message, sources: readonly Source[], way: Way): JournalEntry {
    const { journal } = this.options;
    const entry = journal.add(newEvent(queued, message, way), { fate: 'queued' }, 'On the queue');
    journal.divide(entry, workspacesOf(sources));
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

  private place(sqsMessageId: string, index: number, entry: JournalEntry, sources: readonly Source[]): void {
    this.places.set(placeOf(sqsMessageId, index), entry);
    this.countCopies(entry, sources, 1);
  }

  private forget(sqsMessageId: string, index: number, entry: JournalEntry, sources: readonly Source[]): void {
    if (this.places.delete(placeOf(sqsMessageId, index))) this.countCopies(entry, sources, -1);
  }

  private countCopies(entry: JournalEntry, sources: readonly Source[], by: 1 | -1): void {
    const copies = this.copies.get(entry) ?? new Map<string, number>();
    for (const workspace of new Set(sources.map(workspaceOf)))
      copies.set(workspace, (copies.get(workspace) ?? 0) + by);
    this.copies.set(entry, copies);
  }

  /** Its message is done with, but it stands in another one that is not. */
  private isElsewhere(entry: JournalEntry, workspace: string): boolean {
    return (this.copies.get(entry)?.get(workspace) ?? 0) > 0;
  }
}

const placeOf = (sqsMessageId: string, index: number): string => `${sqsMessageId}/${index}`;

const nameOf = ({ sourceName }: Message, { sources }: Way): string => sourceName ?? sources[0]?.name ?? '';

/** Undefined where it fails, as code of the user's own may: the function says so itself, and leaves the event waiting. */
const preparedBy = (
  { prepare }: Connector,
  ...[event, source, raw]: Parameters<Prepare>
): Prepared | undefined => {
  try {
    return prepare(event, source, raw);
  } catch {
    return undefined;
  }
};

/** Empty for the only one of its source. */
const workspaceOf = (source: Source | undefined): string => source?.workspace ?? '';

const workspacesOf = (sources: readonly Source[]): string[] =>
  sources.map(workspaceOf).filter((workspace) => workspace !== '');

const newEvent = (queued: QueuedEvent, message: Message, way: Way) => ({
  // Until the endpoint has answered: then it is known that the event came in by it.
  door: way.door === 'webhook' ? way.door : ('queue' as const),
  source: nameOf(message, way),
  raw: queued.raw,
  messageId: queued.messageId,
});
