// Which messages wait on the queue as new ones with a delay rather than hidden: once many are in flight, those that
// wait for a destination or for an operator. Hidden they count towards the bound at which SQS hands out no messages at
// all, and one broken source would hold up the others.

import { countInFlight } from '../queue/in-flight';
import type { Message } from '../queue/message';
import { isRetried } from './event-in-flight';
import { type PutBackContext, putBack } from './put-back';
import { PARK_ABOVE_IN_FLIGHT, type RetryDelay } from './retry-policy';
import type { MessageEvents } from './rounds';

/**
 * Puts back those of the messages that wait for long, while many are in flight. It asks SQS only where there is
 * something to decide.
 *
 * @param unfinished as a whole. What else is to be stored is stored before: SQS may be slow to answer.
 * @returns the messages that are on the queue again: only they may be acknowledged.
 */
export const park = async (
  unfinished: readonly MessageEvents[],
  context: PutBackContext,
  deadline: AbortSignal,
): Promise<ReadonlySet<Message>> => {
  const waiting = unfinished.filter(waitsLong);
  if (waiting.length === 0) return NONE;
  const inFlight = await countInFlight(context.sqs, context.queueUrl, deadline);
  const isCrowded = inFlight !== undefined && inFlight > PARK_ABOVE_IN_FLIGHT;
  return isCrowded ? putBack(waiting, context, deadline) : NONE;
};

const NONE: ReadonlySet<Message> = new Set();

/** A known culprit is not meant: it may wait for longer than a delay can last. */
const waitsLong = ([{ history }, events]: MessageEvents): boolean =>
  events.filter(isRetried).some(({ outcome }) => isLong(outcome.delay, history.receives));

/** The first wait of a backoff is over in seconds. */
const isLong = ({ kind }: RetryDelay, receives: number): boolean =>
  kind === 'operator' || (kind === 'backoff' && receives > 1);
