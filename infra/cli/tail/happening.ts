// One thing that has happened to events, wherever it was seen: in the journal of the local stack, or in the log of a
// function. What a log does not know is empty.

import { FATES, type Fate } from '../../console/contract';

/** `queued` is left out: the logs of a stage do not know it. */
export const TOLD_FATES = FATES.filter((fate) => fate !== 'queued');

export interface Happening {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fate: Fate;
  /** Events, or requests where those were refused. */
  readonly count: number;
  readonly source: string;
  /** Reason or code. */
  readonly reason: string;
  /** Type and name of the event, or what else is known in words. */
  readonly what: string;
  readonly person: string;
}

/** Yields happenings as they come, until the signal is aborted. @throws Failure when the stack or the logs end. */
export type Feed = (signal: AbortSignal) => AsyncGenerator<Happening>;
