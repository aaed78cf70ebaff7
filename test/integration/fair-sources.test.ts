// Two sources, one of which cannot be delivered: what it leaves on the queue must not make the other late. Scaled down,
// bounds and traffic alike, and for a quarter of an hour; `npm run fairness` has it for a day, at a two-hundredth of the real numbers.

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import { FUNCTION_TIMEOUT_SECONDS, VISIBILITY_TIMEOUT_SECONDS } from '../../lib/delivery/retry-policy';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { response } from '../support/destination';
import { FairQueue } from '../support/fair-queue';
import { seededRandom } from '../support/seeded-random';
import { parseSources } from '../support/sources';

const SCALE = Number(process.env['FAIRNESS_SCALE'] ?? 500);
const OUTAGE_SECONDS = Number(process.env['FAIRNESS_HOURS'] ?? 1 / 4) * 3_600;
/** The outage, as much again to drain, and what starting takes. */
const TIMEOUT_MS = Math.max(120_000, OUTAGE_SECONDS * 1_000);

const EVENTS_A_SECOND = 500 / SCALE;
/** SQS's of a standard queue. */
const MAX_IN_FLIGHT = 120_000 / SCALE;
/** What a stage has as its defaults. */
const CONSUMERS = 5;
const BATCH_SIZE = Math.max(1, 1_000 / SCALE);
const ANSWER_MS = 200;
const SECONDS_BETWEEN_QUIET_EVENTS = 7;
const NEVER_LATER_THAN_SECONDS = 120;
const QUEUE_URL = 'http://127.0.0.1/0/events';
const DEAD_LETTER_QUEUE_URL = 'http://127.0.0.1/0/dead';

const SOURCES = parseSources(
  JSON.stringify(
    ['down', 'quiet'].map((name) => ({
      name,
      writeKey: name,
      siteId: name,
      apiKey: 'k',
      requestsPerSecond: 100,
    })),
  ),
);

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly StringValue: string }>>;
  readonly MessageGroupId?: string;
  readonly DelaySeconds?: number;
}

const idOf = ({ ReceiptHandle }: Entry): string => ReceiptHandle.slice('receipt-'.length);
const nowSeconds = (): number => Date.now() / 1_000;

class World {
  readonly queue = new FairQueue(MAX_IN_FLIGHT, VISIBILITY_TIMEOUT_SECONDS);
  /** Nothing but the answers: what a mock compares and remembers would be most of a day's cost. */
  readonly sqs = { send: async (command: unknown) => this.answerSqs(command) } as unknown as SQSClient;
  readonly random = seededRandom(11);
  deadLetters = 0;
  latestSeconds = 0;
  delivered = { down: 0, quiet: 0 };
  running = 0;

  constructor(private readonly failure: HttpAnswer | (() => Promise<HttpAnswer>)) {}

  private answerSqs(command: unknown): object {
    if (command instanceof SendMessageBatchCommand)
      return this.store(command.input.QueueUrl, command.input.Entries as unknown as Entry[]);
    if (command instanceof GetQueueAttributesCommand)
      // What a consumer sees is at full scale, as the numbers of its policy are.
      return {
        Attributes: { ApproximateNumberOfMessagesNotVisible: String(this.queue.inFlight * SCALE) },
      };
    if (command instanceof ChangeMessageVisibilityBatchCommand)
      for (const entry of command.input.Entries as Entry[])
        this.queue.changeVisibility(idOf(entry), nowSeconds() + entry.VisibilityTimeout);
    else if (command instanceof DeleteMessageBatchCommand)
      for (const entry of command.input.Entries as Entry[]) this.queue.delete(idOf(entry));
    else throw new Error('A call that is not expected.');
    return { Successful: [] };
  }

  isDown = true;

  private store(queueUrl: string | undefined, entries: readonly Entry[]) {
    for (const { MessageBody, MessageAttributes, MessageGroupId = '', DelaySeconds = 0 } of entries) {
      const attributes = Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
      );
      if (queueUrl === DEAD_LETTER_QUEUE_URL) this.deadLetters += 1;
      else
        this.queue.send(nowSeconds(), MessageBody, attributes, {
          group: MessageGroupId,
          delaySeconds: DelaySeconds,
        });
    }
    return { Successful: entries.map(({ Id }) => ({ Id })) };
  }

  send(source: 'down' | 'quiet', index: number): void {
    const event = {
      type: 'track',
      userId: `u${index}`,
      event: String(Date.now()),
      messageId: `${source}-${index}`,
    };
    this.queue.send(nowSeconds(), JSON.stringify(event), { source }, { group: source, delaySeconds: 0 });
  }

  readonly answer = async (request: HttpRequest): Promise<HttpAnswer> => {
    const source = request.username as 'down' | 'quiet';
    if (source === 'down' && this.isDown)
      return typeof this.failure === 'function' ? this.failure() : this.failure;
    const { batch } = JSON.parse(request.body.toString()) as { batch: { name: string }[] };
    this.delivered[source] += batch.length;
    if (source === 'quiet')
      for (const { name } of batch)
        this.latestSeconds = Math.max(this.latestSeconds, (Date.now() - Number(name)) / 1_000);
    return response(200);
  };

  /** As many as may run at once. */
  startConsumers(): void {
    while (this.running < CONSUMERS) {
      const records = this.queue.receive(nowSeconds(), BATCH_SIZE);
      if (records.length === 0) return;
      this.running += 1;
      const endsAtMs = Date.now() + FUNCTION_TIMEOUT_SECONDS * 1_000;
      void relay(records, SOURCES, customerIoConnector(CONSUMERS), {
        sqs: this.sqs,
        queueUrl: QUEUE_URL,
        deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
        remainingMs: () => endsAtMs - Date.now(),
        send: async (request) => {
          await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
          return this.answer(request);
        },
        random: this.random,
        now: () => new Date(),
      }).then(({ response: { batchItemFailures } }) => {
        const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        for (const { messageId } of records) if (!kept.has(messageId)) this.queue.delete(messageId);
        this.running -= 1;
      });
    }
  }
}

const passTime = async (world: World, seconds: number, isTrafficOn: boolean): Promise<number> => {
  let sent = 0;
  const start = Math.round(nowSeconds());
  for (let second = start; second < start + seconds; second += 1) {
    world.queue.pass(second);
    while (isTrafficOn && sent < (second - start + 1) * EVENTS_A_SECOND) {
      world.send('down', sent);
      sent += 1;
    }
    if (second % SECONDS_BETWEEN_QUIET_EVENTS === 0) world.send('quiet', second);
    world.startConsumers();
    await jest.advanceTimersByTimeAsync(1_000);
    if (!isTrafficOn && world.queue.size === 0) break;
  }
  return sent;
};

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

const silence = async (): Promise<HttpAnswer> => {
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  return { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' };
};

it.each([
  ['5xx', response(503)],
  ['401, a key that was revoked,', response(401)],
  ['silence', silence],
])(
  'Of two sources, one down with %s at 500 events a second, the other is never later than two minutes',
  async (_, failure) => {
    const world = new World(failure);
    const sent = await passTime(world, OUTAGE_SECONDS, true);
    const mostInFlight = world.queue.mostInFlight * SCALE;
    world.isDown = false;
    await passTime(world, OUTAGE_SECONDS + 3_600, false);

    expect(world.latestSeconds).toBeLessThanOrEqual(NEVER_LATER_THAN_SECONDS);
    expect(mostInFlight).toBeLessThan(25_000);
    expect(world.delivered.quiet).toBeGreaterThan(OUTAGE_SECONDS / SECONDS_BETWEEN_QUIET_EVENTS);
    expect(world.delivered.down).toBeGreaterThanOrEqual(sent);
    expect(world.queue.size).toBe(0);
    expect(world.deadLetters).toBe(0);
    process.stdout.write(
      `  the other was late by ${world.latestSeconds.toFixed(1)} s at most; ${Math.round(mostInFlight)} in flight\n`,
    );
  },
  TIMEOUT_MS,
);
