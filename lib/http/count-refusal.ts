// Counts the requests that a door does not take, so that a key removed too early is seen: senders drop what is
// refused, and say nothing. A flood of strangers costs a log line a minute, and one of metrics for each code in it.

import { emitRefusals, logger } from '../observability';
import { clientName } from './client-name';
import { minuteTally, type Sum } from './minute-tally';
import type { Refusal } from './refusal';

/** What the log tells apart; the metrics know code and source. */
interface RefusalLabel extends Pick<Refusal, 'code' | 'source' | 'check'> {
  readonly client: string;
}

/** @param userAgent the header `user-agent`. */
export const countRefusal = (refusal: Refusal, userAgent: string | undefined): void => {
  const { code, source, check } = refusal;
  refused.add({ code, ...(source && { source }), ...(check && { check }), client: clientName(userAgent) }, 1);
};

/** A log line has at most this many entries, the largest first. All of them are in the metrics. */
const MAX_LOGGED = 20;

const refused = minuteTally<RefusalLabel>((sums) => {
  const byMetric = Map.groupBy(sums, ({ label: { code, source } }) => JSON.stringify([code, source]));
  for (const ofMetric of byMetric.values()) emit(ofMetric);
  const largest = sums.toSorted((a, b) => b.count - a.count).slice(0, MAX_LOGGED);
  logger.warn('Requests refused', {
    requests: total(sums),
    refused: largest.map(({ label, count }) => ({ ...label, requests: count })),
  });
});

/** Emits the metric of one code and source, given all the sums of that pair. */
const emit = (sums: readonly Sum<RefusalLabel>[]): void => {
  const [first] = sums;
  if (first !== undefined) emitRefusals(first.label.code, first.label.source, total(sums));
};

const total = (sums: readonly Sum<unknown>[]): number => sums.reduce((sum, { count }) => sum + count, 0);
