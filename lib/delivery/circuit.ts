// What the lanes of one workspace share within an invocation: while one is in trouble the others wait, and an
// outage that one meets spares all of them. Failures of suspects concern suspects alone.

import type { Failure } from './attempts';
import { Evidence } from './evidence';
import type { RetryDelay } from './retry-policy';

/** Why nothing of a lane is tried any more, and when its items come back. */
export interface Closure {
  readonly delay: RetryDelay;
  readonly cause: string;
}

export interface CircuitLane {
  /** The source, whose credentials the lane's requests carry. */
  readonly name: string;
  readonly isSuspect: boolean;
  shut(closure: Closure): void;
}

export class Circuit {
  /** What was taken of the whole workspace, and under each source's credentials. */
  readonly ofWorkspace = new Evidence();
  private readonly ofSources = new Map<string, Evidence>();
  private readonly lanes: CircuitLane[] = [];
  /** Lanes whose request failed and is being tried again. */
  private readonly inTrouble = new Map<Promise<unknown>, CircuitLane>();
  private readonly freshKnown = Promise.withResolvers<void>();

  join(lane: CircuitLane): void {
    this.lanes.push(lane);
  }

  ofSource(name: string): Evidence {
    const evidence = this.ofSources.get(name) ?? new Evidence();
    this.ofSources.set(name, evidence);
    return evidence;
  }

  /** A request was taken: the service is there, and these credentials are good. */
  noteTaken({ name }: CircuitLane): void {
    this.ofWorkspace.taken += 1;
    this.ofSource(name).taken += 1;
  }

  /** While `work` lasts no other request starts that this lane's trouble concerns: an outage sees a few, not all. */
  async whileInTrouble<T>(lane: CircuitLane, work: Promise<T>): Promise<T> {
    const over = work.then(ignore, ignore);
    this.inTrouble.set(over, lane);
    return work.finally(() => this.inTrouble.delete(over));
  }

  /**
   * Resolves when nothing stands in the way of one more request of the lane. Suspects wait for the first answer
   * to a fresh request as well: it tells an outage, which then costs no request of theirs, from a good day.
   */
  async untilCalm(lane: CircuitLane): Promise<void> {
    if (lane.isSuspect && this.lanes.some(({ isSuspect }) => !isSuspect)) await this.freshKnown.promise;
    for (let ahead = this.aheadOf(lane); ahead.length > 0; ahead = this.aheadOf(lane))
      await Promise.race(ahead);
  }

  private aheadOf({ isSuspect }: CircuitLane): Promise<unknown>[] {
    return [...this.inTrouble].flatMap(([over, other]) => (isSuspect || !other.isSuspect ? [over] : []));
  }

  /** A request of the lane has its last answer for now, or the lane has ended. */
  noteAnswered({ isSuspect }: CircuitLane): void {
    if (!isSuspect) this.freshKnown.resolve();
  }

  /** Ends every lane that the failure speaks of, this one in any case. */
  open(lane: CircuitLane, failure: Failure, delay: RetryDelay): void {
    const closure = { delay, cause: `not tried after ${failure.cause}` };
    for (const other of this.lanes) if (other === lane || isMeant(other, lane, failure)) other.shut(closure);
  }
}

const ignore = (): void => undefined;

/**
 * Credentials are a source's own. A service that asks for patience means everybody; one that fails without a word
 * may fail for what a suspect holds.
 */
const isMeant = (other: CircuitLane, lane: CircuitLane, { verdict, mayFollowContent }: Failure): boolean => {
  if (verdict.kind === 'operator') return other.name === lane.name && !(lane.isSuspect && mayFollowContent);
  return verdict.throttled || !lane.isSuspect;
};
