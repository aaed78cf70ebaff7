// Customer.io is away for a day, or for ever: what SQS keeps, and where it ends up.

import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import { relay } from '../../lib/delivery/relay';
import {
  MAX_BACKOFF_SECONDS,
  MAX_RECEIVE_COUNT,
  QUEUE_RETENTION_SECONDS,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../../lib/delivery/retry-policy';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { response } from '../support/destination';
import { SimulatedQueue } from '../support/simulated-queue';
import { parseSources } from '../support/sources';

const HOUR_SECONDS = 3_600;
const STEP_SECONDS = 60;
const SECONDS_BETWEEN_EVENTS = 240;
const SOURCES = parseSources(JSON.stringify([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' }]));
const sqsMock = mockClient(SQSClient);

interface World {
  readonly queue: SimulatedQueue;
  readonly delivered: Set<string>;
  nowSeconds: number;
  answer: HttpAnswer;
}

const newWorld = (answer: HttpAnswer): World =>
  connectQueue({
    queue: new SimulatedQueue({
      visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
      maxReceiveCount: MAX_RECEIVE_COUNT,
      retentionSeconds: QUEUE_RETENTION_SECONDS,
    }),
    delivered: new Set(),
    nowSeconds: 0,
    answer,
  });

/** A linear congruential generator: the same day every time. */
const seededRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
};

/** One invocation of the consumer with everything that is visible now. */
const consume = async (world: World, random: () => number): Promise<void> => {
  const records = world.queue.receive(world.nowSeconds);
  if (records.length === 0) return;
  sqsMock.resetHistory();
  const running = relay(records, SOURCES, customerIoConnector(1), {
    sqs: new SQSClient({}),
    queueUrl: 'http://127.0.0.1/0/events',
    deadLetterQueueUrl: 'http://127.0.0.1/0/dead',
    remainingMs: () => 60_000,
    send: (request) => answerAsCustomerIo(world, request),
    random,
    now: () => new Date(world.nowSeconds * 1_000),
  });
  await jest.runAllTimersAsync();
  const { batchItemFailures } = (await running).response;
  const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  for (const { messageId } of records) if (!kept.has(messageId)) world.queue.delete(messageId);
};

const connectQueue = (world: World): World => {
  sqsMock.reset();
  sqsMock.on(ChangeMessageVisibilityBatchCommand).callsFake(({ Entries }) => {
    for (const { ReceiptHandle, VisibilityTimeout } of Entries) {
      world.queue.changeVisibility(
        ReceiptHandle.slice('receipt-'.length),
        world.nowSeconds + VisibilityTimeout,
      );
    }
    return { Successful: [] };
  });
  return world;
};

const answerAsCustomerIo = async (world: World, request: HttpRequest): Promise<HttpAnswer> => {
  if (world.answer.kind === 'response' && world.answer.status === 200) {
    const { batch } = JSON.parse(request.body.toString()) as { batch: { name: string }[] };
    for (const { name } of batch) world.delivered.add(name);
  }
  return world.answer;
};

const passTime = async (world: World, seconds: number, isTrafficOn: boolean): Promise<void> => {
  const random = seededRandom(7);
  const until = world.nowSeconds + seconds;
  for (; world.nowSeconds < until; world.nowSeconds += STEP_SECONDS) {
    if (isTrafficOn && world.nowSeconds % SECONDS_BETWEEN_EVENTS === 0) {
      const event = { type: 'track', userId: `u${world.nowSeconds % 7}`, event: `e${world.nowSeconds}` };
      world.queue.send(`m${world.nowSeconds}`, event, world.nowSeconds);
    }
    await consume(world, random);
  }
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it.each([
  ['5xx', response(503)],
  ['429', response(429)],
  ['silence', { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' } as const],
  ['401, a key revoked by mistake,', response(401)],
])(
  'a day of %s dead-letters nothing, loses nothing, and drains within the longest backoff',
  async (_, failure) => {
    const world = newWorld(failure);

    await passTime(world, 24 * HOUR_SECONDS, true);
    const backlog = world.queue.size;
    world.answer = response(200);
    await passTime(world, MAX_BACKOFF_SECONDS + STEP_SECONDS, false);

    expect(backlog).toBe((24 * HOUR_SECONDS) / SECONDS_BETWEEN_EVENTS);
    expect(world.queue.size).toBe(0);
    expect(world.delivered.size).toBe(backlog);
    expect(world.queue.deadLetters).toEqual([]);
    expect(world.queue.expired).toEqual([]);
  },
  60_000,
);

it('an outage without end leaves every event in the dead-letter queue, none to retention', async () => {
  const world = newWorld(response(401));
  world.queue.send('m', { type: 'track', userId: 'u', event: 'e' }, 0);

  await passTime(world, QUEUE_RETENTION_SECONDS + HOUR_SECONDS, false);

  expect(world.queue.deadLetters).toEqual(['m']);
  expect(world.queue.expired).toEqual([]);
}, 60_000);

it('a message that kills its consumer every time still reaches the dead-letter queue', () => {
  const world = newWorld(response(200));
  world.queue.send('m', 'anything', 0);

  for (; world.nowSeconds < QUEUE_RETENTION_SECONDS; world.nowSeconds += STEP_SECONDS) {
    world.queue.receive(world.nowSeconds);
  }

  expect(world.queue.deadLetters).toEqual(['m']);
  expect(world.queue.expired).toEqual([]);
});
