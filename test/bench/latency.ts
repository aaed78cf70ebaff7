// What of a run of the local stack is its latency. Pure.

import type { EventSummary } from '../../infra/console/contract';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Between when each event should have been sent, had nothing held the sender back, and when the sandbox had answered. */
export interface Flow {
  readonly whole: Latency;
  /** Of it, until ingest had the event. */
  readonly door: Latency;
  readonly events: number;
  /** Whose time would be longer than any of these, and is in none. */
  readonly missing: number;
}

/** An event that an SDK sent twice arrived when its first did. */
export const flowOf = (sentAt: ReadonlyMap<string, number>, arrived: readonly EventSummary[]): Flow => {
  const first = new Map<string, { readonly door: number; readonly whole: number }>();
  for (const { messageId, fate, at, fateAt } of arrived) {
    const sent = sentAt.get(messageId);
    if (sent === undefined || fate !== 'delivered' || first.has(messageId)) continue;
    first.set(messageId, { door: at - sent, whole: fateAt - sent });
  }
  const ways = [...first.values()];
  return {
    whole: latencyOf(ways.map(({ whole }) => whole)),
    door: latencyOf(ways.map(({ door }) => door)),
    events: ways.length,
    missing: sentAt.size - ways.length,
  };
};

/** The value that so many of a hundred do not exceed. */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
};

const latencyOf = (values: readonly number[]): Latency => ({
  p50: percentile(values, 50),
  p99: percentile(values, 99),
  max: percentile(values, 100),
});
