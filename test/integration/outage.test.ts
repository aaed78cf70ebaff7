// Customer.io is away for a day, or for ever, or answers only now and then: what SQS keeps, and where it ends up.

import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import {
  MAX_BACKOFF_SECONDS,
  MAX_CULPRIT_BACKOFF_SECONDS,
  QUEUE_RETENTION_SECONDS,
} from '../../lib/delivery/retry-policy';
import { response } from '../support/destination';
import { seededRandom } from '../support/seeded-random';
import { SimulatedDeployment } from '../support/simulated-deployment';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const STEP_SECONDS = 60;
const SECONDS_BETWEEN_EVENTS = 240;
const EVENTS_A_DAY = DAY_SECONDS / SECONDS_BETWEEN_EVENTS;

const namesIn = ({ body }: HttpRequest): string[] =>
  (JSON.parse(body.toString()) as { batch: { name: string }[] }).batch.map(({ name }) => name);

interface World {
  readonly deployment: SimulatedDeployment;
  readonly delivered: Set<string>;
  answer: () => HttpAnswer;
}

const newWorld = (answer: World['answer']): World => {
  const delivered = new Set<string>();
  const world: World = {
    deployment: new SimulatedDeployment({
      answer: (request) => {
        const answered = world.answer();
        const isTaken = answered.kind === 'response' && answered.status === 200;
        if (isTaken) for (const name of namesIn(request)) delivered.add(name);
        return answered;
      },
    }),
    delivered,
    answer,
  };
  return world;
};

const passTime = async (
  { deployment }: World,
  seconds: number,
  { isTrafficOn }: { isTrafficOn: boolean },
): Promise<void> => {
  const random = seededRandom(7);
  const until = deployment.nowSeconds + seconds;
  for (let now = deployment.nowSeconds; now < until; now += STEP_SECONDS) {
    jest.setSystemTime(Math.max(Date.now(), now * 1_000));
    if (isTrafficOn && now % SECONDS_BETWEEN_EVENTS === 0) {
      deployment.send({ type: 'track', userId: `u${now % 7}`, event: `e${now}` });
    }
    if (deployment.nowSeconds < now + STEP_SECONDS) await deployment.invoke(random);
  }
};

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

it.each([
  ['5xx', response(503)],
  ['429', response(429)],
  ['silence', { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' } as const],
  ['401, a key revoked by mistake,', response(401)],
  ['403 for everything', response(403)],
])(
  'a day of %s dead-letters nothing, loses nothing, and drains within the longest backoff',
  async (_, failure) => {
    const world = newWorld(() => failure);
    const { deployment } = world;

    await passTime(world, DAY_SECONDS, { isTrafficOn: true });
    const backlog = deployment.queue.size;
    world.answer = () => response(200);
    await passTime(world, MAX_BACKOFF_SECONDS + STEP_SECONDS, { isTrafficOn: false });

    expect(backlog).toBe(EVENTS_A_DAY);
    expect(deployment.queue.size).toBe(0);
    expect(world.delivered.size).toBe(backlog);
    expect(deployment.deadLetters).toEqual([]);
    expect(deployment.queue.deadLetters).toEqual([]);
    expect(deployment.queue.expired).toEqual([]);
  },
);

it.each([
  ['half', 0.5],
  ['nine in ten', 0.9],
  ['99 in a hundred', 0.99],
])(
  'a day on which %s of the requests fail dead-letters nothing, and the rest drains after it',
  async (_, share) => {
    const fate = seededRandom(3);
    const world = newWorld(() => response(fate() < share ? 500 : 200));
    const { deployment } = world;

    await passTime(world, DAY_SECONDS, { isTrafficOn: true });
    world.answer = () => response(200);
    await passTime(world, MAX_CULPRIT_BACKOFF_SECONDS + STEP_SECONDS, { isTrafficOn: false });

    expect(deployment.queue.size).toBe(0);
    expect(world.delivered.size).toBe(EVENTS_A_DAY);
    expect(deployment.deadLetters).toEqual([]);
    expect(deployment.queue.deadLetters).toEqual([]);
  },
);

it('an outage without end leaves every event in the dead-letter queue with its reason, none to retention', async () => {
  const world = newWorld(() => response(401));
  const { deployment } = world;
  const event = { type: 'track', userId: 'u', event: 'e' };
  deployment.send(event);

  await passTime(world, QUEUE_RETENTION_SECONDS + HOUR_SECONDS, { isTrafficOn: false });

  expect(deployment.deadLetters).toEqual([{ body: JSON.stringify(event), reason: 'undeliverable' }]);
  expect(deployment.queue.size).toBe(0);
  expect(deployment.queue.deadLetters).toEqual([]);
  expect(deployment.queue.expired).toEqual([]);
});

it('a message that kills its consumer every time still reaches the dead-letter queue', () => {
  const { queue } = newWorld(() => response(200)).deployment;
  queue.send('m', 'anything', 0);

  for (let now = 0; now < QUEUE_RETENTION_SECONDS; now += STEP_SECONDS) queue.receive(now);

  expect(queue.deadLetters).toEqual(['m']);
  expect(queue.expired).toEqual([]);
});
