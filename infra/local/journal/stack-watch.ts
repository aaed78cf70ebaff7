// All that the stack sees of its events, brought together in one journal: the doors, the queues, the invocations and
// Customer.io's answers.

import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { parseSettings } from '../../../lib/config/parse-settings';
import { usableSources } from '../../../lib/config/settings';
import { customerIoConnector } from '../../../lib/destinations/customerio/destination';
import { segmentConnector } from '../../../lib/destinations/segment/destination';
import type { ExchangeReport } from '../sandbox/api/exchange';
import type { ServiceConfig } from '../service-config';
import type { QueueNow, SentMessage, SqsServer } from '../sqs-server';
import { Operations } from './delivery-watch';
import { DoorWatch } from './door-watch';
import { Journal } from './journal';
import { QueueWatch, type Way } from './queue-watch';
import { Sampler } from './sampler';

/**
 * How many events are kept. Each takes about a kilobyte, and its operation: some hundred megabytes when it is full.
 */
const KEEP_EVENTS = 100_000;

const EVENTS: Way = { door: 'queue', connector: customerIoConnector(1), destination: 'Customer.io' };
const ACTIVITY: Way = { door: 'webhook', connector: segmentConnector(1), destination: 'Segment' };

const WAY_OF_QUEUE: Readonly<Record<string, Way>> = { EventQueue: EVENTS, ActivityQueue: ACTIVITY };
const WAY_OF_DEAD_LETTERS: Readonly<Record<string, Way>> = {
  DeadLetterQueue: EVENTS,
  ActivityDeadLetterQueue: ACTIVITY,
};

export class StackWatch {
  readonly journal = new Journal(KEEP_EVENTS);
  readonly operations = new Operations(this.journal);
  readonly door = new DoorWatch(this.journal);
  readonly samples: Sampler;
  /** Set once it runs; before that nothing is in flight. */
  sqs: SqsServer | undefined;
  private readonly queues: QueueWatch;

  constructor(service: ServiceConfig) {
    const sources = sourcesOf(service);
    this.samples = new Sampler({
      journal: this.journal,
      queue: () => this.queueNow(service),
      allowedRequests: sources.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0),
    });
    this.queues = new QueueWatch({
      journal: this.journal,
      operations: this.operations,
      sources,
      visibleAt: (sqsMessageId) => this.visibleAt(service, sqsMessageId),
    });
  }

  sent(message: SentMessage): void {
    const way = WAY_OF_QUEUE[message.queueLogicalId];
    if (way !== undefined) this.queues.sent(toRecord(message), way);
    const given = WAY_OF_DEAD_LETTERS[message.queueLogicalId];
    if (given !== undefined) this.queues.gaveUp(toRecord(message), given);
  }

  invocation(queueLogicalId: string, event: SQSEvent, invoke: () => Promise<unknown>): Promise<unknown> {
    const way = WAY_OF_QUEUE[queueLogicalId];
    return way === undefined ? invoke() : this.queues.invocation(event, way, invoke);
  }

  answered(report: ExchangeReport): void {
    this.operations.answered(report);
    this.samples.answered(report);
  }

  close(): void {
    this.samples.close();
    this.journal.close();
  }

  private queueNow({ resources }: ServiceConfig): QueueNow {
    const name = resources?.Resources?.['EventQueue']?.Properties?.['QueueName'];
    const now = typeof name === 'string' ? this.sqs?.now(name) : undefined;
    return now ?? { waiting: 0, inFlight: 0, oldestAt: undefined };
  }

  private visibleAt({ resources }: ServiceConfig, sqsMessageId: string): number | undefined {
    for (const logicalId of Object.keys(WAY_OF_QUEUE)) {
      const name = resources?.Resources?.[logicalId]?.Properties?.['QueueName'];
      const at = typeof name === 'string' ? this.sqs?.visibleAt(name, sqsMessageId) : undefined;
      if (at !== undefined) return at;
    }
    return undefined;
  }
}

/** The sources in the consumer's own environment, as its function reads them. */
const sourcesOf = ({ functions }: ServiceConfig) => {
  const json = functions['consumer']?.environment?.['SOURCES'];
  return typeof json === 'string' ? usableSources(parseSettings(json, 'SOURCES')) : [];
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
