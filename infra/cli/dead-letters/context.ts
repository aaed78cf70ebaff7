// What every command about dead letters has at hand.

import type { Io } from '../io';
import { openTarget, QUEUES, type Queue, type Target, type TargetOptions } from '../target';
import type { FilterOptions } from './filter';

export interface DeadLetterOptions extends TargetOptions, FilterOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
  /** The dead letters of message activity, rather than of events. */
  readonly activity?: boolean;
}

export interface DeadLetterContext {
  readonly target: Target;
  readonly deadLetters: Queue;
  /** Where they came from, and go back to. */
  readonly origin: Queue;
}

/** Activity must never go back to the events' queue: it would be sent to Customer.io. */
export const openDeadLetters = async (options: DeadLetterOptions, io: Io): Promise<DeadLetterContext> => {
  const target = await openTarget(options, io);
  const [deadLetters, origin] = options.activity
    ? [QUEUES.activityDeadLetters, QUEUES.activity]
    : [QUEUES.deadLetters, QUEUES.events];
  return { target, deadLetters: await target.queue(deadLetters), origin: await target.queue(origin) };
};
