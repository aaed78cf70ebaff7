// A consumer that is frozen in the middle of a backlog, as Lambda freezes a sandbox, and thawed: all its timers
// are due at once and its connections are dead, and still the rate must hold and nothing may be lost.

import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/until';
import { countWrong, putBacklog } from './backlog';
import { bundle } from './bundle';
import { type ConsumerCounts, Consumers } from './consumers';
import { readDeadLetters } from './dead-letters';
import { Evidence } from './evidence';
import { trace } from './trace';
import { peakWithin } from './windows';
import { openWorld, type World } from './world';

export interface FreezePlan {
  readonly requestsPerSecond: number;
  /** How many requests' worth of events there are. */
  readonly requests: number;
  readonly frozenMs: number;
}

export interface FreezeReport {
  readonly plan: FreezePlan;
  /** Most requests that left within a second, over the whole run and from the thaw on. */
  readonly peak: number;
  readonly peakAfterThaw: number;
  readonly requestsBefore: number;
  readonly requestsAfter: number;
  /** Events that Customer.io does not count exactly once. */
  readonly wrong: number;
  readonly deadLetters: number;
  readonly consumers: ConsumerCounts;
  readonly problems: readonly string[];
}

/** What must not be. Messages may be returned: after a long freeze the time of the invocation is up. */
export const freezeFailures = (report: FreezeReport): readonly string[] => {
  const { plan, peak, requestsAfter, wrong, deadLetters, problems } = report;
  return [
    ...problems,
    ...(peak > plan.requestsPerSecond ? [`${peak} requests left within one second.`] : []),
    ...(requestsAfter === 0 ? ['Nothing was left to do after the thaw.'] : []),
    ...(wrong > 0 ? [`${wrong} events are lost or doubled.`] : []),
    ...(deadLetters > 0 ? [`${deadLetters} dead letters.`] : []),
  ];
};

/** Twelve requests: most of them wait for their turn when the process is stopped. */
const MESSAGES_PER_INVOCATION = 12;
/** Customer.io hangs up meanwhile. */
const KEEP_ALIVE_MS = 2_000;
const DRAIN_TIMEOUT_MS = 120_000;

export const runFreeze = async (plan: FreezePlan): Promise<FreezeReport> => {
  const evidence = new Evidence();
  const consumerBundle = await bundle('test/chaos/consumer-process.ts');
  const world = await openWorld({
    requestsPerSecond: plan.requestsPerSecond,
    consumers: 1,
    keepAliveMs: KEEP_ALIVE_MS,
    onActivity: evidence.observe,
  });
  const environment = world.environment({ batchSize: MESSAGES_PER_INVOCATION, batchingWindowSeconds: 1 });
  const consumers = new Consumers(consumerBundle.file, environment);
  try {
    await putBacklog(world, plan.requests);
    const thawedAtMs = await freezeInMidBacklog(plan, world, consumers);
    await until(async () => (await world.backlog()) === 0, DRAIN_TIMEOUT_MS);
    await consumers.stop();
    const deadLetters = await readDeadLetters(world.sqs.client, world.deadLetterQueueUrl);
    return report(plan, { consumers, evidence, thawedAtMs, deadLetters: deadLetters.length });
  } finally {
    await consumers.end();
    await world.close();
    consumerBundle.remove();
  }
};

/** Answers when the process went on, in milliseconds since 1970. */
const freezeInMidBacklog = async (
  plan: FreezePlan,
  { sandbox }: World,
  consumers: Consumers,
): Promise<number> => {
  const consumer = await consumers.start();
  await until(
    () => sandbox.workspace.requestCount >= plan.requests / 3 && consumer.isWorking,
    DRAIN_TIMEOUT_MS,
  );
  consumer.process.kill('SIGSTOP');
  await delay(plan.frozenMs);
  const thawedAtMs = Date.now();
  consumer.process.kill('SIGCONT');
  return thawedAtMs;
};

interface Measured {
  readonly consumers: Consumers;
  readonly evidence: Evidence;
  readonly thawedAtMs: number;
  readonly deadLetters: number;
}

const report = (plan: FreezePlan, measured: Measured): FreezeReport => {
  const { consumers, evidence, thawedAtMs, deadLetters } = measured;
  const starts = consumers.requestStarts;
  const after = starts.filter((start) => start >= thawedAtMs);
  return {
    plan,
    peak: peakWithin(starts, 1_000),
    peakAfterThaw: peakWithin(after, 1_000),
    requestsBefore: starts.length - after.length,
    requestsAfter: after.length,
    wrong: countWrong(plan.requests, (number) => evidence.count(trace.event(number))),
    deadLetters,
    consumers: consumers.counts,
    problems: consumers.problems,
  };
};
