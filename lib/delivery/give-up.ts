// Ends what would be retried for ever. We do it ourselves, a few receives before SQS would: it moves a message
// whole and without a reason.

import type { Message } from '../queue/message';
import type { EventInFlight } from './event-in-flight';
import { isGivenUp, type Past } from './retry-policy';

/** Dead-letters the events that have been retried long enough, each with what went wrong last. */
export const giveUp = (events: readonly EventInFlight[], now: Date): void => {
  for (const event of events) {
    const { outcome, message } = event;
    if (outcome?.kind !== 'retried' || !isGivenUp(outcome.delay, pastOf(message, now))) continue;
    event.outcome = { kind: 'dead_lettered', reason: 'undeliverable', detail: outcome.cause };
  }
};

/** What the events of a message have behind them. */
export const pastOf = ({ history }: Message, now: Date): Past => ({
  receives: history.receives,
  ageSeconds: (now.getTime() - history.firstSentAtMs) / 1_000,
});
