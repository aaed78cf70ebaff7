// As many consumers as a source may have, all with a backlog: together they must stay within the source's
// rate in every second, and use nearly all of it.

import { setTimeout as delay } from 'node:timers/promises';
import { bundle } from './bundle';
import { Consumers } from './consumers';
import { peakWithin, shortestRun } from './windows';
import { openWorld } from './world';

export interface RatePlan {
  readonly requestsPerSecond: number;
  readonly consumers: number;
  readonly seconds: number;
}

export interface RateReport {
  readonly plan: RatePlan;
  /** Most requests that left all consumers within a second. */
  readonly peakLeaving: number;
  /** Most that reached Customer.io within a second, and within a second less `jitterMs`. */
  readonly peakArriving: number;
  readonly peakArrivingWithoutJitter: number;
  /**
   * How much longer one request was on its way than another. On a busy machine each passes two schedulers: two
   * that left a second apart arrive that much closer together, and nobody at this end can prevent it.
   */
  readonly jitterMs: number;
  /** Share of the rate used in the best stretch, and over the whole time. */
  readonly used: number;
  readonly usedOverall: number;
  readonly problems: readonly string[];
}

/** What must never be, however busy the machine. */
export const excesses = (report: RateReport): readonly string[] => {
  const { plan, peakLeaving, peakArrivingWithoutJitter, problems } = report;
  const isOver = (peak: number): boolean => peak > plan.requestsPerSecond;
  return [
    ...problems,
    ...(isOver(peakLeaving) ? [`${peakLeaving} requests left within one second.`] : []),
    ...(isOver(peakArrivingWithoutJitter) ? [`${peakArrivingWithoutJitter} arrived, jitter set aside.`] : []),
  ];
};

export const LEAST_USED = 0.9;

/** Long enough for an average, short enough that others on the machine do not disturb each stretch. */
const STRETCH_SECONDS = 5;
/** What an answer takes at least, from any service that is not on this machine. */
const LATENCY_MS = 20;

export const runRate = async (plan: RatePlan): Promise<RateReport> => {
  const consumerBundle = await bundle('test/chaos/backlog-process.ts');
  const world = await openWorld(plan);
  const environment = world.environment({});
  const consumers = new Consumers(consumerBundle.file, environment);
  try {
    world.sandbox.setFaults({ latencyMs: LATENCY_MS });
    await Promise.all(Array.from({ length: plan.consumers }, () => consumers.start()));
    await delay(plan.seconds * 1_000);
    const endMs = Date.now();
    await consumers.stop();
    const arrivals = world.sandbox.workspace.requests().map(({ startedAt }) => startedAt);
    return report(plan, consumers, { arrivals, endMs });
  } finally {
    await consumers.end();
    await world.close();
    consumerBundle.remove();
  }
};

interface Measured {
  readonly arrivals: readonly number[];
  /** From here on consumers stop, each after the invocation it is in. */
  readonly endMs: number;
}

const report = (plan: RatePlan, consumers: Consumers, { arrivals, endMs }: Measured): RateReport => {
  const { requestStarts: starts, problems } = consumers;
  const elapsedSeconds = (endMs - Math.min(...starts)) / 1_000;
  const jitterMs = jitterBetween(starts, arrivals);
  return {
    plan,
    peakLeaving: peakWithin(starts, 1_000),
    peakArriving: peakWithin(arrivals, 1_000),
    peakArrivingWithoutJitter: peakWithin(arrivals, 1_000 - jitterMs),
    jitterMs,
    used: (STRETCH_SECONDS * 1_000) / shortestRun(starts, STRETCH_SECONDS * plan.requestsPerSecond),
    usedOverall: starts.filter((start) => start < endMs).length / (elapsedSeconds * plan.requestsPerSecond),
    problems,
  };
};

const jitterBetween = (starts: readonly number[], arrivals: readonly number[]): number => {
  const left = starts.toSorted((a, b) => a - b);
  const waysMs = arrivals.map((arrival, index) => arrival - (left[index] ?? arrival));
  return Math.ceil(Math.max(...waysMs) - Math.min(...waysMs));
};
