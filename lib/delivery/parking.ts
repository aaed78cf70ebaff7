// Which messages wait on the queue as new ones with a delay rather than hidden: once many are in flight, those that
// wait for a destination or for an operator. Hidden they count towards the bound at which SQS hands out no messages at
// all, and one broken source would hold up the others.

import { countInFlight } from '../queue/in-flight';
import type { Message } from '../queue/message';
import { PARK_ABOVE_IN_FLIGHT, type RetryDelay } from './retry-policy';
import type { SettleContext } from './settle-context';

/** A message that is unfinished as a whole, or in part, and what its events wait for. */
export interface Unfinished {
  readonly message: Message;
  readonly delays: readonly RetryDelay[];
}

/** Those of them that are to be put back; it asks SQS only where there is something to decide. */
export const messagesToPark = async (
  unfinished: readonly Unfinished[],
  { sqs, queueUrl }: Pick<SettleContext, 'sqs' | 'queueUrl'>,
  deadline: AbortSignal,
): Promise<ReadonlySet<Message>> => {
  const waiting = unfinished.filter(waitsLong).map(({ message }) => message);
  if (waiting.length === 0) return NONE;
  const inFlight = await countInFlight(sqs, queueUrl, deadline);
  return inFlight !== undefined && inFlight > PARK_ABOVE_IN_FLIGHT ? new Set(waiting) : NONE;
};

const NONE: ReadonlySet<Message> = new Set();

/** A known culprit is not meant: it may wait for longer than a delay can last. */
const waitsLong = ({ message: { history }, delays }: Unfinished): boolean =>
  delays.some((delay) => isLong(delay, history.receives));

/** The first wait of a backoff is over in seconds. */
const isLong = ({ kind }: RetryDelay, receives: number): boolean =>
  kind === 'operator' || (kind === 'backoff' && receives > 1);
