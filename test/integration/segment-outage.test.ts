// Segment is away for a day, or never takes one event: what becomes of message activity meanwhile.

import type { HttpAnswer, HttpRequest } from '../../lib/delivery/connector';
import {
  MAX_BACKOFF_SECONDS,
  MAX_CULPRIT_BACKOFF_SECONDS,
  UNDELIVERABLE_AFTER_SECONDS,
} from '../../lib/delivery/retry-policy';
import { segmentConnector } from '../../lib/destinations/segment/destination';
import { response } from '../support/destination';
import { seededRandom } from '../support/seeded-random';
import { SimulatedDeployment } from '../support/simulated-deployment';

const STEP_SECONDS = 60;
const SECONDS_BETWEEN_EVENTS = 240;
const DAY_SECONDS = 24 * 3_600;
const EVENTS_A_DAY = DAY_SECONDS / SECONDS_BETWEEN_EVENTS;
const NO_TRAFFIC = Infinity;
const TAKEN = response(200, { success: true });
const POISON = 'poison';

const idsIn = ({ body }: HttpRequest): string[] =>
  (JSON.parse(body.toString()) as { batch: { messageId: string }[] }).batch.map(({ messageId }) => messageId);

/** Segment as it answers now, and when it has taken each event. */
class Segment {
  readonly takenAtSeconds = new Map<string, number>();
  readonly deployment: SimulatedDeployment;

  constructor(public answer: (ids: readonly string[]) => HttpAnswer) {
    this.deployment = new SimulatedDeployment({
      connector: segmentConnector(1),
      answer: (request) => {
        const ids = idsIn(request);
        const answer = this.answer(ids);
        if (answer === TAKEN) for (const id of ids) this.takenAtSeconds.set(id, this.deployment.nowSeconds);
        return answer;
      },
    });
  }

  send(messageId: string): void {
    const integrations = { 'Customer.io': false };
    this.deployment.send({
      batch: [{ type: 'track', event: 'Email Opened', userId: 'u1', messageId, integrations }],
    });
  }

  async passTime(seconds: number, secondsBetweenEvents: number): Promise<void> {
    const random = seededRandom(7);
    const { deployment } = this;
    const until = deployment.nowSeconds + seconds;
    for (let now = deployment.nowSeconds; now < until; now += STEP_SECONDS) {
      jest.setSystemTime(Math.max(Date.now(), now * 1_000));
      if (now % secondsBetweenEvents === 0) this.send(`${now}`);
      if (deployment.nowSeconds < now + STEP_SECONDS) await deployment.invoke(random);
    }
  }
}

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
});
afterEach(() => {
  jest.useRealTimers();
});

it.each<[string, HttpAnswer]>([
  ['200 with success: false', response(200, { success: false })],
  ['429 that asks for an hour', response(429, {}, { 'retry-after': '3600' })],
  ['400 about the write key', response(400, { message: 'An invalid write key was provided' })],
])(
  'a day of %s dead-letters nothing, loses nothing, and drains within the longest backoff',
  async (_, failure) => {
    const segment = new Segment(() => failure);
    const { deployment } = segment;

    await segment.passTime(DAY_SECONDS, SECONDS_BETWEEN_EVENTS);
    segment.answer = () => TAKEN;
    await segment.passTime(MAX_BACKOFF_SECONDS + STEP_SECONDS, NO_TRAFFIC);

    expect(segment.takenAtSeconds.size).toBe(EVENTS_A_DAY);
    expect(deployment.queue.size).toBe(0);
    expect([...deployment.deadLetters, ...deployment.queue.deadLetters]).toEqual([]);
  },
);

it.each<[string, HttpAnswer, string, number]>([
  ['400', response(400, { message: 'malformed' }), 'rejected_by_segment', STEP_SECONDS],
  ['413', response(413), 'rejected_by_segment', STEP_SECONDS],
  ['500', response(500), 'undeliverable', UNDELIVERABLE_AFTER_SECONDS + MAX_CULPRIT_BACKOFF_SECONDS],
  [
    '200 with success: false',
    response(200, { success: false }),
    'undeliverable',
    UNDELIVERABLE_AFTER_SECONDS + MAX_CULPRIT_BACKOFF_SECONDS,
  ],
])(
  'an event that is answered %s while others are taken ends as a dead letter, and holds none of them up',
  async (_, failure, reason, withinSeconds) => {
    const segment = new Segment((ids) => (ids.includes(POISON) ? failure : TAKEN));
    const { deployment, takenAtSeconds } = segment;
    segment.send(POISON);

    // Something is taken whenever it is tried again, which shows that Segment is there.
    await segment.passTime(withinSeconds + STEP_SECONDS, STEP_SECONDS);

    expect(deployment.deadLetters.map(({ body, reason: why }) => [JSON.parse(body).messageId, why])).toEqual([
      [POISON, reason],
    ]);
    const delays = [...takenAtSeconds].map(([sentAt, takenAt]) => takenAt - Number(sentAt));
    expect(delays).toHaveLength(withinSeconds / STEP_SECONDS + 1);
    expect(Math.max(...delays)).toBeLessThan(STEP_SECONDS);
  },
);
