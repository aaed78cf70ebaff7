// An event to two workspaces, of which one fails in every way, arrives in each or is a dead letter of the one that
// refuses it; nothing goes again to the one that has it, and a dead letter that is replayed goes to its own alone.

import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { response } from '../support/destination';
import { runs } from '../support/property-runs';
import { parseWorkspaces } from '../support/sources';
import { recordOf } from '../support/sqs-record';

const sqsMock = mockClient(SQSClient);
const QUEUE_URL = 'http://127.0.0.1/0/events';
const DEAD_LETTER_QUEUE_URL = 'http://127.0.0.1/0/dead';
const NOW = new Date('2026-03-01T11:00:00.000Z');
const WORKSPACES = ['steady', 'failing'] as const;
const SOURCES = parseWorkspaces(
  JSON.stringify([
    {
      name: 'web',
      writeKey: 'w',
      destinations: WORKSPACES.map((name) => ({ name, siteId: name, apiKey: 'k', requestsPerSecond: 1_000 })),
    },
  ]),
);

interface Plan {
  /** How many events each message has. */
  readonly sizes: readonly number[];
  /** What the failing workspace does, request by request; then it is well. */
  readonly faults: readonly number[];
  /** Whether SQS refuses a call that stores, call by call. */
  readonly refusals: readonly boolean[];
  readonly haveTimes: boolean;
}

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  faults: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 20 }),
  refusals: fc.array(fc.boolean(), { maxLength: 6 }),
  haveTimes: fc.boolean(),
});

const answerOf = (fault: number, itemCount: number): HttpAnswer => {
  const answers: HttpAnswer[] = [
    response(207, { errors: [{ batch_index: itemCount - 1, field: 'name', message: 'is bad' }] }),
    response(400),
    response(401),
    response(429),
    response(503, {}, { 'retry-after': '30' }),
    { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' },
    { kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' },
  ];
  return answers[fault - 2] ?? response(200);
};

/** A queue, its dead-letter queue and two workspaces. */
class World {
  readonly taken: Record<string, string[]> = { steady: [], failing: [] };
  deadLetters: SQSRecord[] = [];
  queue: SQSRecord[];
  private readonly faults: number[];
  private readonly refusals: boolean[];
  private stored = 0;

  constructor({ sizes, faults, refusals, haveTimes }: Plan) {
    this.faults = [...faults];
    this.refusals = [...refusals];
    const time = haveTimes ? { timestamp: '2026-02-01T00:00:00Z' } : {};
    this.queue = sizes.map((size, message) => {
      const body = Array.from({ length: size }, (_, index) => ({
        type: 'track',
        userId: `u${index % 2}`,
        event: `e${message}-${index}`,
        messageId: `e${message}-${index}`,
        ...time,
      }));
      return recordOf({ messageId: `m${message}`, body, sentAt: NOW });
    });
    sqsMock.reset();
    sqsMock.on(ChangeMessageVisibilityBatchCommand).resolves({ Successful: [] });
    sqsMock.on(SendMessageBatchCommand).callsFake(({ QueueUrl, Entries }) => this.store(QueueUrl, Entries));
  }

  /** Until nothing is left on the queue. */
  async drain(): Promise<void> {
    for (let invocations = 0; this.queue.length > 0; invocations += 1) {
      expect(invocations).toBeLessThan(60);
      const records = this.queue;
      this.queue = [];
      const running = relay(records, SOURCES, customerIoConnector(1), {
        sqs: new SQSClient({}),
        queueUrl: QUEUE_URL,
        deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
        remainingMs: () => 60_000,
        send: async (request) => this.answer(request),
        random: () => 0.5,
        now: () => NOW,
      });
      await jest.runAllTimersAsync();
      const { batchItemFailures } = (await running).response;
      const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      this.queue.push(...records.filter(({ messageId }) => kept.has(messageId)));
    }
  }

  /** Its faults are finite: what is replayed often enough arrives. */
  async redrive(): Promise<void> {
    this.queue = this.deadLetters;
    this.deadLetters = [];
    await this.drain();
  }

  private answer({ username, body }: HttpRequest): HttpAnswer {
    const { batch } = JSON.parse(body.toString()) as { batch: { name: string }[] };
    const answer = username === 'steady' ? response(200) : answerOf(this.faults.shift() ?? 0, batch.length);
    const names = batch.map(({ name }) => name);
    if (answer.kind !== 'response') return answer;
    if (answer.status === 200) this.taken[username]?.push(...names);
    if (answer.status === 207) this.taken[username]?.push(...names.slice(0, -1));
    return answer;
  }

  private store(queueUrl: string, entries: readonly SentEntry[]) {
    if (this.refusals.shift()) throw new Error('unreachable');
    const target = queueUrl === QUEUE_URL ? this.queue : this.deadLetters;
    for (const { MessageBody: body, MessageAttributes } of entries) {
      this.stored += 1;
      const attributes = Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
      );
      target.push(recordOf({ messageId: `s${this.stored}`, body, attributes, sentAt: NOW }));
    }
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  }
}

interface SentEntry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly StringValue: string }>>;
}

const namesOf = ({ sizes }: Plan): string[] =>
  sizes.flatMap((size, message) => Array.from({ length: size }, (_, index) => `e${message}-${index}`)).sort();

const workspaceOf = ({ messageAttributes }: SQSRecord): string | undefined =>
  messageAttributes['workspace']?.stringValue;

const nameIn = ({ body }: SQSRecord): string => (JSON.parse(body) as { event: string }).event;

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('Each event arrives in each workspace, or is a dead letter of that one; replayed, it arrives there alone', async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const world = new World(plan);
      await world.drain();
      const { steady = [], failing = [] } = world.taken;
      const letters = world.deadLetters;

      expect(unique(steady)).toEqual(namesOf(plan));
      expect(letters.map(workspaceOf).filter((workspace) => workspace !== 'failing')).toEqual([]);
      expect(unique([...failing, ...letters.map(nameIn)])).toEqual(namesOf(plan));

      const before = [...steady];
      while (world.deadLetters.length > 0) await world.redrive();

      expect(steady).toEqual(before);
      expect(unique(failing)).toEqual(namesOf(plan));
    }),
    { numRuns: runs(300) },
  );
});

it('Nothing goes again to the workspace that has it, where the queue takes what goes back', async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const world = new World({ ...plan, refusals: [] });
      await world.drain();

      expect(world.taken['steady']?.toSorted()).toEqual(namesOf(plan));
    }),
    { numRuns: runs(300) },
  );
});
