// As many consumers as a source may have, all with a backlog: together they must stay within the source's
// rate in every second, and use nearly all of it.

import { setTimeout as delay } from 'node:timers/promises';
import { bundle } from './bundle';
import { Consumers } from './consumers';
import { peakWithin } from './windows';
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
  /** Most that reached Customer.io within {@link ARRIVAL_WINDOW_MS}, and within a second. */
  readonly peakArriving: number;
  readonly peakArrivingInASecond: number;
  /** Share of the rate used in the best stretch, and over the whole time. */
  readonly used: number;
  readonly usedOverall: number;
  readonly problems: readonly string[];
}

/**
 * On a busy machine a request reaches Customer.io up to this much later, or earlier, than its neighbours: it
 * passes two schedulers and the network. What is judged there is a window that much shorter.
 */
const ARRIVAL_JITTER_MS = 100;
export const ARRIVAL_WINDOW_MS = 1_000 - ARRIVAL_JITTER_MS;
/** Long enough for an average, short enough that not all stretches are disturbed by others on the machine. */
const STRETCH_SECONDS = 4;

export const runRate = async (plan: RatePlan): Promise<RateReport> => {
  const world = await openWorld(plan);
  const consumerBundle = await bundle('test/chaos/backlog-process.ts');
  const environment = world.environment({});
  const consumers = new Consumers(consumerBundle.file, environment);
  try {
    await Promise.all(Array.from({ length: plan.consumers }, () => consumers.start()));
    await delay(plan.seconds * 1_000);
    await consumers.end();
    const arrivals = world.sandbox.workspace.requests().map(({ startedAt }) => startedAt);
    return report(plan, consumers, arrivals);
  } finally {
    await consumers.end();
    await world.close();
    await consumerBundle.remove();
  }
};

const report = (plan: RatePlan, consumers: Consumers, arrivals: readonly number[]): RateReport => {
  const { requestStarts, problems } = consumers;
  const elapsedSeconds = (Math.max(...requestStarts) - Math.min(...requestStarts)) / 1_000;
  return {
    plan,
    peakLeaving: peakWithin(requestStarts, 1_000),
    peakArriving: peakWithin(arrivals, ARRIVAL_WINDOW_MS),
    peakArrivingInASecond: peakWithin(arrivals, 1_000),
    used: peakWithin(requestStarts, STRETCH_SECONDS * 1_000) / (STRETCH_SECONDS * plan.requestsPerSecond),
    usedOverall: requestStarts.length / (elapsedSeconds * plan.requestsPerSecond),
    problems,
  };
};
