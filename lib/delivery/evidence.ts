// What an invocation has seen of a destination: whether it takes requests while some fail. Only that tells a
// failure that follows the content from an outage, so nothing here outlives the invocation.

import type { Standing } from './delivery';

/**
 * After this many failures in a row the destination counts as gone, even where it took something before. The more
 * of the items may be culprits, the less a row of failures says.
 */
const MAX_FAILURES: Readonly<Record<Standing, number>> = { fresh: 12, suspect: 30, culprit: 50 };
/** The same limit where nothing was taken yet: a second failure after the first is an outage. */
const MAX_FAILURES_UNTRIED = 2;

/** How many requests got through: of a workspace, or under the credentials of a source. */
export class Evidence {
  taken = 0;
}

/**
 * One lane's failures in a row. A request of any lane that gets through ends the row of each, because the service
 * is the same.
 */
export class Streak {
  private readonly maxFailures: number;
  private failures = 0;
  private takenAtFailure = 0;

  constructor(
    private readonly evidence: Evidence,
    standing: Standing,
  ) {
    this.maxFailures = MAX_FAILURES[standing];
  }

  noteFailure(): void {
    if (this.takenAtFailure !== this.evidence.taken) this.failures = 0;
    this.takenAtFailure = this.evidence.taken;
    this.failures += 1;
  }

  /** Whether requests are taken, and not too many failed since: then what fails now fails for what is in it. */
  get isTaking(): boolean {
    return this.evidence.taken > 0 && this.failuresInRow < this.maxFailures;
  }

  /** Whether so much failed in a row that trying more would only hammer a service that is away. */
  get isOver(): boolean {
    return !this.isTaking && this.failuresInRow >= MAX_FAILURES_UNTRIED;
  }

  /** Whether anything was taken in this invocation, before or after a failure. */
  get hasTaken(): boolean {
    return this.evidence.taken > 0;
  }

  private get failuresInRow(): number {
    return this.takenAtFailure === this.evidence.taken ? this.failures : 0;
  }
}
