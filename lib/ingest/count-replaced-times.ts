// Counts the events whose own time could not be read, so that a sender with a wrong format is seen. The consumer
// counts those of messages put on the queue by others: what comes from here has a time that can be read.

import { minuteTally } from '../http/minute-tally';
import { emitMetrics, logger } from '../observability';

export const countReplacedTimes = (source: string, events: number): void => {
  if (events > 0) replacedTimes.add({ source }, events);
};

const replacedTimes = minuteTally<{ readonly source: string }>((sums) => {
  for (const { label, count } of sums) {
    emitMetrics(label.source, { TimestampsReplaced: count });
    logger.warn('Timestamps replaced', { source: label.source, events: count });
  }
});
