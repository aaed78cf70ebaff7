// What the lanes of one workspace share within an invocation: while one is in trouble the others wait, and when one
// meets an outage the others need not find it out again. Failures of suspects stop suspects alone.

import type { RequestFailure } from './attempts';
import { STANDINGS, type Standing } from './delivery';
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
  readonly standing: Standing;
  shut(closure: Closure): void;
}

export class Circuit {
  /** What was taken: by the whole workspace, and under each source's credentials. */
  readonly ofWorkspace = new Evidence();
  private readonly ofSources = new Map<string, Evidence>();
  private readonly lanes: CircuitLane[] = [];
  /** Lanes whose request failed and is being tried again. */
  private readonly inTrouble = new Map<Promise<unknown>, CircuitLane>();
  /** Resolved when a lane of that standing has its first answer. */
  private readonly known = new Map<Standing, PromiseWithResolvers<void>>();

  join(lane: CircuitLane): void {
    this.lanes.push(lane);
    if (!this.known.has(lane.standing)) this.known.set(lane.standing, Promise.withResolvers());
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

  /**
   * Tries a request of the lane again. Meanwhile no other request starts that its trouble concerns. Of several that
   * failed beside each other the first is tried alone until one is taken: an outage sees the attempts of one, not
   * of all.
   * @param isContents whether it fails for what is in it: then nobody waits.
   */
  async whileInTrouble<T>(
    lane: CircuitLane,
    isContents: () => boolean,
    tryAgain: () => Promise<T>,
  ): Promise<T> {
    if (isContents()) return tryAgain();
    const work = this.afterOthers(this.aheadOf(lane), isContents, tryAgain);
    const over = work.then(ignore, ignore);
    this.inTrouble.set(over, lane);
    return work.finally(() => this.inTrouble.delete(over));
  }

  private async afterOthers<T>(
    others: readonly Promise<unknown>[],
    isContents: () => boolean,
    tryAgain: () => Promise<T>,
  ): Promise<T> {
    const { taken } = this.ofWorkspace;
    for (const over of others) if (this.ofWorkspace.taken === taken && !isContents()) await over;
    return tryAgain();
  }

  /**
   * Resolves when nothing stands in the way of one more request of the lane. It also waits for the first answer to
   * the lanes of better standing: that answer tells whether there is an outage, and then this lane need not spend a
   * request on it.
   */
  async untilCalm(lane: CircuitLane): Promise<void> {
    for (const [standing, { promise }] of this.known) if (isBetter(standing, lane.standing)) await promise;
    for (let ahead = this.aheadOf(lane); ahead.length > 0; ahead = this.aheadOf(lane))
      await Promise.race(ahead);
  }

  private aheadOf({ standing }: CircuitLane): Promise<unknown>[] {
    return [...this.inTrouble].flatMap(([over, other]) => (isBetter(standing, other.standing) ? [] : [over]));
  }

  /** A request of the lane has its last answer for now, or the lane has ended. */
  noteAnswered({ standing }: CircuitLane): void {
    this.known.get(standing)?.resolve();
  }

  /** Ends every lane that the failure speaks of, this one in any case. */
  open(lane: CircuitLane, failure: RequestFailure, delay: RetryDelay): void {
    const closure = { delay, cause: `not tried after ${failure.cause}` };
    for (const other of this.lanes) if (other === lane || isMeant(other, lane, failure)) other.shut(closure);
  }
}

const ignore = (): void => undefined;

const isBetter = (one: Standing, other: Standing): boolean =>
  STANDINGS.indexOf(one) < STANDINGS.indexOf(other);

/**
 * Whether the failure of `lane` concerns `other` as well. Refused credentials concern the source that has them. A
 * service that asks for patience asks everybody. One that fails without giving a reason may fail for what this lane
 * holds, which says nothing of lanes of better standing.
 */
const isMeant = (
  other: CircuitLane,
  lane: CircuitLane,
  { verdict, mayFollowContent }: RequestFailure,
): boolean => {
  const isSpared = isBetter(other.standing, lane.standing);
  if (verdict.kind === 'operator') return other.name === lane.name && !(isSpared && mayFollowContent);
  return verdict.throttled || !isSpared;
};
