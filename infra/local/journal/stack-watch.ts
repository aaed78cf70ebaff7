// All that the stack sees of its events, brought together in one journal: the doors, the queues, the invocations and
// Customer.io's answers.

import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { parseSettings } from '../../../lib/config/parse-settings';
import { type ParsedSettings, usableSources, usableWorkspaces } from '../../../lib/config/settings';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { segmentConnector } from '../../../lib/destinations/segment/destination';
import { isObject } from '../../../lib/json/json-object';
import type { ExchangeReport } from '../sandbox/api/exchange';
import type { ServiceConfig } from '../service-config';
import type { QueueDepth, SentMessage, SqsServer } from '../sqs-server';
import { Operations } from './delivery-watch';
import { DoorWatch } from './door-watch';
import { Journal } from './journal';
import { QueueWatch, type Way } from './queue-watch';
import { Sampler } from './sampler';

const KEEP_EVENTS = 100_000;
/** So many events of a kilobyte, an ordinary one, fit; Node's heap has room for more than this on any machine. */
const KEEP_BYTES = 512 * 1_024 * 1_024;

const eventsTo = (settings: ParsedSettings): Way => ({
  door: 'queue',
  connector: customerIoConnector(1),
  destination: 'Customer.io',
  sources: usableWorkspaces(settings),
});
const activityTo = (settings: ParsedSettings): Way => ({
  door: 'webhook',
  connector: segmentConnector(1),
  destination: 'Segment',
  sources: usableSources(settings),
});

const EVENT_QUEUE = 'EventQueue';
const ACTIVITY_QUEUE = 'ActivityQueue';

export class StackWatch {
  readonly journal = new Journal({ capacity: KEEP_EVENTS, maxBytes: KEEP_BYTES });
  readonly operations = new Operations(this.journal);
  readonly door = new DoorWatch(this.journal);
  readonly samples: Sampler;
  /** Set once it runs; before that nothing is in flight. */
  sqs: SqsServer | undefined;
  /** The settings in the consumer's own environment, as its function reads them. */
  readonly settings: ParsedSettings;
  private readonly queues: QueueWatch;
  private readonly wayOfQueue: Readonly<Record<string, Way>>;
  private readonly wayOfDeadLetters: Readonly<Record<string, Way>>;

  constructor(service: ServiceConfig) {
    this.settings = settingsOf(service);
    const [events, activity] = [eventsTo(this.settings), activityTo(this.settings)];
    this.wayOfQueue = { [EVENT_QUEUE]: events, [ACTIVITY_QUEUE]: activity };
    this.wayOfDeadLetters = { DeadLetterQueue: events, ActivityDeadLetterQueue: activity };
    this.samples = new Sampler({
      journal: this.journal,
      queue: () => this.queueNow(service),
      allowed: allowedOf(this.settings),
    });
    this.queues = new QueueWatch({
      journal: this.journal,
      operations: this.operations,
      visibleAt: (sqsMessageId) => this.visibleAt(service, sqsMessageId),
    });
  }

  sent(message: SentMessage): void {
    const way = this.wayOfQueue[message.queueLogicalId];
    if (way !== undefined) this.queues.sent(toRecord(message), way);
    const given = this.wayOfDeadLetters[message.queueLogicalId];
    if (given !== undefined) this.queues.gaveUp(toRecord(message), given);
  }

  invocation(queueLogicalId: string, event: SQSEvent, invoke: () => Promise<unknown>): Promise<unknown> {
    const way = this.wayOfQueue[queueLogicalId];
    return way === undefined ? invoke() : this.queues.invocation(event, way, invoke);
  }

  answered(report: ExchangeReport): void {
    const sources = this.operations.answered(report);
    const { body, status } = report;
    const batch = isObject(body) ? body['batch'] : undefined;
    this.samples.answered({ status, sources, operations: Array.isArray(batch) ? batch.length : 1 });
  }

  close(): void {
    this.samples.close();
    this.journal.close();
  }

  private queueNow({ resources }: ServiceConfig): ReadonlyMap<string, QueueDepth> {
    const name = resources?.Resources?.[EVENT_QUEUE]?.Properties?.['QueueName'];
    return (typeof name === 'string' ? this.sqs?.now(name) : undefined) ?? new Map();
  }

  private visibleAt({ resources }: ServiceConfig, sqsMessageId: string): number | undefined {
    for (const logicalId of [EVENT_QUEUE, ACTIVITY_QUEUE]) {
      const name = resources?.Resources?.[logicalId]?.Properties?.['QueueName'];
      const at = typeof name === 'string' ? this.sqs?.visibleAt(name, sqsMessageId) : undefined;
      if (at !== undefined) return at;
    }
    return undefined;
  }
}

const settingsOf = ({ functions }: ServiceConfig): ParsedSettings => {
  const json = functions['consumer']?.environment?.['SOURCES'];
  return typeof json === 'string' ? parseSettings(json, 'SOURCES') : { entries: [], mistakes: [] };
};

/** Of a source that has several workspaces, the rates of all of them. */
const allowedOf = (settings: ParsedSettings): ReadonlyMap<string, number> => {
  const allowed = new Map<string, number>();
  for (const { name, requestsPerSecond } of usableWorkspaces(settings))
    allowed.set(name, (allowed.get(name) ?? 0) + requestsPerSecond);
  return allowed;
};

const toRecord = ({ sqsMessageId, sentAtMs, body, attributes }: SentMessage): SQSRecord => ({
  messageId: sqsMessageId,
  receiptHandle: '',
  body,
  attributes: {
    ApproximateReceiveCount: '0',
    SentTimestamp: `${sentAtMs}`,
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '',
  },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { stringValue: value, dataType: 'String' }]),
  ),
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: '',
});
