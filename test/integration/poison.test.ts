// Days under content that always fails: one message in a hundred holds an event that Customer.io answers with a 500
// or a 403, for ever. A hundredth of thirty messages a second under a hundredth of the rate, so that it ends soon.

import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import {
  MAX_BACKOFF_SECONDS,
  MAX_CULPRIT_BACKOFF_SECONDS,
  REQUEST_TIMEOUT_MS,
  UNDELIVERABLE_AFTER_SECONDS,
} from '../../lib/delivery/retry-policy';
import { response } from '../support/destination';
import { seededRandom } from '../support/seeded-random';
import { SimulatedDeployment } from '../support/simulated-deployment';

const HOUR_SECONDS = 3_600;
/** The event source hands out a batch once so many seconds have passed; here that is all the time that passes. */
const STEP_SECONDS = 20;
const MESSAGES_A_STEP = 6;
const EVENTS_A_MESSAGE = 2;
const POISON_EVERY = 100;
const REQUESTS_PER_SECOND = 1;
/** From its first receive, which is at once. */
const IN_TIME_SECONDS = 120;

interface Sent {
  readonly atSeconds: number;
  deliveredAtSeconds: number | undefined;
}

/** What was sent, by the event's name. Names of culprits begin with `bad`. */
class Traffic {
  readonly good = new Map<string, Sent>();
  readonly bad = new Map<string, Sent>();
  private messages = 0;

  constructor(private readonly deployment: SimulatedDeployment) {}

  send(source?: string): void {
    this.messages += 1;
    const names = Array.from({ length: EVENTS_A_MESSAGE }, (_, index) => `good ${this.messages}-${index}`);
    if (this.messages % POISON_EVERY === 0) names[0] = `bad ${this.messages}`;
    for (const name of names) this.note(name);
    const batch = names.map((name, index) => ({
      type: 'track',
      userId: `u${this.messages % 997}-${index}`,
      event: name,
      messageId: name,
    }));
    this.deployment.send({ batch }, source);
  }

  /** As Customer.io: whatever holds a culprit fails whole. */
  answer({ body }: HttpRequest): HttpAnswer {
    const { batch } = JSON.parse(body.toString()) as { batch: { name: string }[] };
    const culprit = batch.find(({ name }) => name.startsWith('bad'));
    if (culprit !== undefined) return response(culprit.name.length % 2 === 0 ? 500 : 403);
    const atSeconds = this.deployment.nowSeconds;
    for (const { name } of batch) {
      const sent = this.good.get(name);
      if (sent !== undefined) sent.deliveredAtSeconds ??= atSeconds;
    }
    return response(200);
  }

  private note(name: string): void {
    const sent = { atSeconds: this.deployment.nowSeconds, deliveredAtSeconds: undefined };
    (name.startsWith('bad') ? this.bad : this.good).set(name, sent);
  }
}

const passTime = async (
  deployment: SimulatedDeployment,
  seconds: number,
  eachStep: () => void,
): Promise<void> => {
  const random = seededRandom(11);
  const until = deployment.nowSeconds + seconds;
  for (let next = deployment.nowSeconds; next < until; next += STEP_SECONDS) {
    // An invocation may have taken longer than a step: the next one then carries more.
    jest.setSystemTime(Math.max(Date.now(), next * 1_000));
    eachStep();
    if (deployment.nowSeconds < next + STEP_SECONDS) await deployment.invoke(random);
  }
};

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Events sent long enough ago to judge them by, and those of them that came late or not at all, by hour. */
const lateOf = (sent: Iterable<Sent>, nowSeconds: number) => {
  let events = 0;
  const late: number[] = [];
  for (const { atSeconds, deliveredAtSeconds = Infinity } of sent) {
    if (nowSeconds - atSeconds <= IN_TIME_SECONDS) continue;
    events += 1;
    if (deliveredAtSeconds - atSeconds > IN_TIME_SECONDS) late.push(Math.floor(atSeconds / HOUR_SECONDS));
  }
  return { events, late };
};

it('days of poison leave the good events alone, and end as dead letters of the culprits', async () => {
  const deployment: SimulatedDeployment = new SimulatedDeployment({
    requestsPerSecond: REQUESTS_PER_SECOND,
    answer: (request) => traffic.answer(request),
  });
  const traffic = new Traffic(deployment);
  const longestLife = UNDELIVERABLE_AFTER_SECONDS + MAX_CULPRIT_BACKOFF_SECONDS + HOUR_SECONDS;

  await passTime(deployment, longestLife + HOUR_SECONDS, () => {
    for (let number = 0; number < MESSAGES_A_STEP; number += 1) traffic.send();
  });

  const now = deployment.nowSeconds;
  const { events, late } = lateOf(traffic.good.values(), now);
  expect(events).toBeGreaterThan(75_000);
  expect(late.length).toBeLessThan(events / 1_000);
  const dead = new Set(
    deployment.deadLetters.map(({ body }) => (JSON.parse(body) as { event: string }).event),
  );
  expect([...dead].filter((name) => !traffic.bad.has(name))).toEqual([]);
  const old = [...traffic.bad].filter(([, { atSeconds }]) => now - atSeconds > longestLife);
  expect(old.length).toBeGreaterThanOrEqual(10);
  expect(old.filter(([name]) => !dead.has(name))).toEqual([]);
  expect(new Set(deployment.deadLetters.map(({ reason }) => reason))).toEqual(new Set(['undeliverable']));
  expect(deployment.queue.deadLetters).toEqual([]);
  // What the culprits cost: a part of the rate, which does not grow.
  expect(deployment.requests / now).toBeLessThan(REQUESTS_PER_SECOND / 3);
}, 120_000);

it('a workspace that hangs for hours leaves the other one alone, and is delivered after it', async () => {
  let isHanging = true;
  const deployment: SimulatedDeployment = new SimulatedDeployment({
    sources: ['shop', 'blog'],
    answer: async (request) => {
      if (request.username === 'shop' || !isHanging) return traffic.answer(request);
      await new Promise((resolve) => setTimeout(resolve, REQUEST_TIMEOUT_MS));
      return { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' };
    },
  });
  const traffic = new Traffic(deployment);
  let steps = 0;
  await passTime(deployment, 6 * HOUR_SECONDS, () => {
    steps += 1;
    if (steps % 3 === 0) traffic.send(steps % 2 === 0 ? 'shop' : 'blog');
  });
  isHanging = false;
  await passTime(deployment, MAX_BACKOFF_SECONDS + STEP_SECONDS, () => undefined);

  const sentTo = (parity: number): Sent[] =>
    [...traffic.good].flatMap(([name, sent]) => (numberIn(name) % 2 === parity ? [sent] : []));
  const shop = lateOf(sentTo(0), deployment.nowSeconds);
  expect(shop.events).toBeGreaterThan(300);
  expect(shop.late).toEqual([]);
  expect(sentTo(1).filter(({ deliveredAtSeconds }) => deliveredAtSeconds === undefined)).toEqual([]);
  expect(deployment.deadLetters).toEqual([]);
});

const numberIn = (name: string): number => Number(/\d+/.exec(name)?.[0]);
