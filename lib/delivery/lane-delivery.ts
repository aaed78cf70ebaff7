// Delivers one lane. A request that fails although the destination takes others is halved until the culprit
// stands alone; one that fails where nothing is taken ends the lane, after a probe or two of single items.

import { type Attempt, Attempts, type RepeatableRequest, type RequestFailure } from './attempts';
import type { Circuit, CircuitLane, Closure } from './circuit';
import type { ItemError } from './connector';
import type { DeliveryContext, DeliveryReport, ItemOutcome, Lane, LaneResult, Standing } from './delivery';
import { Streak } from './evidence';
import { KeysLeft } from './keys-left';
import { FIRST_TURN, Limiter, STOPPED, type Start } from './limiter';
import { outcomesOf } from './outcomes-of';
import { type PackedRequest, pack } from './pack';
import { MAX_ATTEMPTS, type RetryDelay } from './retry-policy';
import { serialize } from './serialize';
import { probesOf, splitUp } from './split';

const NOT_TRIED: Closure = {
  delay: { kind: 'at_once' },
  cause: 'not tried: the invocation had no time left',
};
/**
 * How many parts a failed or refused request of suspects is cut into. Where one suspect is a culprit most are, so
 * halves, and halves of those, would only fail on the way down.
 */
const SUSPECT_PARTS = 8;
/** Up to this many suspects are tried each alone. */
const MAX_SUSPECTS_ALONE = 32;
/** How many single items are sent to learn whether a failure follows the content. */
const MAX_PROBES = 2;
const CULPRIT: RetryDelay = { kind: 'culprit', isProven: true };
const TO_BE_TRIED: RetryDelay = { kind: 'backoff' };
const FAILED_ALONE: RetryDelay = { kind: 'backoff', failedAlone: true };
const STILL_CULPRIT: RetryDelay = { kind: 'culprit', isProven: false };

/** When a part of a request has its turn. */
type TurnOf = (part: readonly number[]) => number;

/** The smaller the sooner. There are turns enough where those of a size and of twice the size share one. */
const turnBySize: TurnOf = ({ length }) => FIRST_TURN + 1 + Math.floor(Math.log2(length) / 2);

/** What is left to do of a request when its own attempts are over. */
type Rest =
  | { readonly kind: 'done'; readonly attempt: Attempt }
  /** A probe got through; `positions` are the items that were not sent as a probe. */
  | { readonly kind: 'probed'; readonly positions: readonly number[] }
  /** It was an outage: what is left of the request goes back to the queue. */
  | { readonly kind: 'over' };

const OVER: Rest = { kind: 'over' };

export class LaneDelivery implements CircuitLane {
  readonly name: string;
  readonly standing: Standing;
  private readonly outcomes: ItemOutcome[];
  private readonly report: DeliveryReport = { requests: 0, throttled: 0, failed: 0, fillPercents: [] };
  private readonly limiter: Limiter;
  private readonly stopped = new AbortController();
  private readonly attempts: Attempts;
  private readonly outages: Streak;
  private readonly refusals: Streak;
  private readonly failedAlone = new Map<number, RequestFailure>();
  /** Of items that failed alone, and of those that wait for them. */
  private readonly keysLeft = new KeysLeft();
  private closure: Closure | undefined;

  constructor(
    private readonly lane: Lane,
    private readonly circuit: Circuit,
    private readonly context: DeliveryContext,
  ) {
    const { destination, items } = lane;
    this.name = destination.name;
    this.standing = lane.standing;
    // Fails closed: an item that nothing reaches counts as not tried.
    this.outcomes = new Array<ItemOutcome>(items.length).fill({ kind: 'retry', ...NOT_TRIED });
    this.limiter = new Limiter(context.pacer);
    this.attempts = new Attempts(destination, context, this.limiter, this.report, this.stopped.signal);
    this.outages = new Streak(circuit.ofWorkspace, lane.standing);
    this.refusals = new Streak(circuit.ofSource(this.name), lane.standing);
    circuit.join(this);
  }

  async run(): Promise<LaneResult> {
    try {
      await this.deliverAll();
    } finally {
      this.circuit.noteAnswered(this);
      this.stop();
    }
    return { outcomes: this.outcomes, report: this.report };
  }

  private async deliverAll(): Promise<void> {
    const { destination, items } = this.lane;
    const requests = pack(items, {
      maxBatchBytes: destination.maxBatchBytes,
      envelopeBytes: Buffer.byteLength(destination.envelope.join('')),
      maxItems: this.standing === 'culprit' ? 1 : (destination.maxItems ?? Infinity),
    });
    for (const { bytes } of requests) {
      this.report.fillPercents.push((100 * bytes) / destination.maxBatchBytes);
    }
    const running: Promise<void>[] = [];
    for (const request of requests) running.push(this.runAfterOthers(request, running));
    await Promise.all(running);
  }

  /** Nothing starts from here on: waits are cut short, the queue is dropped, what is in flight ends. */
  stop(): void {
    this.limiter.stop();
    this.stopped.abort(STOPPED);
  }

  shut(closure: Closure): void {
    this.closure ??= closure;
    this.stop();
  }

  /**
   * What failed alone before anything was taken is held against it too, when others were taken after it. Called when
   * all lanes have ended; not for a lane that met an outage, whose failures may all be that.
   */
  convictLate(): void {
    if (this.closure !== undefined) return;
    for (const [position, failure] of this.failedAlone) {
      if (this.streakOf(failure).hasTaken)
        this.leave([position], { ...failure, delay: this.blame(position) });
    }
  }

  /** `after` names earlier requests only, so their promises exist already. */
  private async runAfterOthers(request: PackedRequest, earlier: readonly Promise<void>[]): Promise<void> {
    await Promise.all(request.after.map((number) => earlier[number]));
    await this.deliverRequest(request.positions, this.standing === 'culprit' ? 1 : MAX_ATTEMPTS);
  }

  private async deliverRequest(
    all: readonly number[],
    maxAttempts: number,
    turn = FIRST_TURN,
  ): Promise<void> {
    const positions = all.filter((position) => !this.mustWait(position));
    if (positions.length === 0) return;
    const run = await this.limiter.run((start) => this.makeRequest(positions, maxAttempts, start), turn);
    this.circuit.noteAnswered(this);
    const rest = run.started ? run.value : undefined;
    if (rest === undefined) return this.leave(positions, this.closure ?? NOT_TRIED);
    if (rest.kind === 'done') return this.settle(positions, rest.attempt);
    if (rest.kind === 'probed') return this.takeApart(rest.positions);
  }

  /**
   * Whether the item must come back because an earlier one of the same person or object failed. A known culprit travels
   * in a lane of its own, and nothing waits for it.
   */
  private mustWait(position: number): boolean {
    const item = this.lane.items[position];
    const failure = item && this.keysLeft.failureAhead(item);
    if (item === undefined || failure === undefined) return false;
    const delay = this.streakOf(failure).isTaking ? TO_BE_TRIED : this.delayAfter(failure);
    this.leave([position], { delay, cause: failure.cause });
    // What comes after this one has to wait for it too.
    this.keysLeft.add(item, failure);
    return true;
  }

  /** Makes one request, and says what is left to do of it; undefined when it never started. */
  private async makeRequest(
    positions: readonly number[],
    maxAttempts: number,
    start: Start,
  ): Promise<Rest | undefined> {
    await this.circuit.untilCalm(this);
    const request = this.requestOf(positions, start);
    const attempt = await this.attempts.once(request);
    if (attempt?.kind !== 'failed') return attempt && { kind: 'done', attempt };
    return this.circuit.whileInTrouble(
      this,
      () => attempt.mayFollowContent && this.streakOf(attempt).isTaking,
      () => this.tryAgain(request, attempt, positions, maxAttempts),
    );
  }

  private async tryAgain(
    request: RepeatableRequest,
    first: RequestFailure,
    positions: readonly number[],
    maxAttempts: number,
  ): Promise<Rest> {
    const attempt = await this.attempts.again(request, first, maxAttempts, (failure) =>
      this.mayHalve(positions, failure),
    );
    if (attempt.kind !== 'failed') return { kind: 'done', attempt };
    if (!attempt.mayFollowContent) return this.end(positions, attempt);
    const streak = this.streakOf(attempt);
    streak.noteFailure();
    if (positions.length === 1 || streak.isTaking) return { kind: 'done', attempt };
    return this.tryAlone(positions, attempt, request.start);
  }

  private async tryAlone(positions: readonly number[], first: RequestFailure, start: Start): Promise<Rest> {
    const { probed, failure } = await this.probe(positions, first, start);
    const others = positions.filter((one) => !probed.has(one));
    if (this.streakOf(failure).isTaking) return { kind: 'probed', positions: others };
    if (probed.size > 0) return this.end(others, failure);
    // No item was left to probe with, so nobody knows what the failure was. A 403 is not held against the key
    // either.
    this.leave(positions, this.closure ?? { delay: { kind: 'backoff' }, cause: failure.cause });
    return OVER;
  }

  /**
   * Ends the lane while the others still wait for what this one finds out, so that none of them is sent once more.
   */
  private end(positions: readonly number[], failure: RequestFailure): Rest {
    this.open(positions, failure);
    return OVER;
  }

  /** Whether halving the request is the better second attempt: it is, where the service is known to be there. */
  private mayHalve(positions: readonly number[], failure: RequestFailure): boolean {
    return positions.length > 1 && failure.mayFollowContent && this.streakOf(failure).isTaking;
  }

  /**
   * Sends single items when nothing is known of the service but this failure: they tell whether the content is to
   * blame. Two of them, because one may be the culprit; an item that must wait for the first is none of them. Answers
   * which items were tried, and the last failure: a key that is refused is refused for them as well.
   */
  private async probe(
    positions: readonly number[],
    first: RequestFailure,
    start: Start,
  ): Promise<{ readonly probed: ReadonlySet<number>; readonly failure: RequestFailure }> {
    const probed = new Set<number>();
    let failure = first;
    for (const position of probesOf(positions, this.lane.items, this.context.random)) {
      if (this.mustWait(position)) continue;
      const attempt = await this.attempts.once(this.requestOf([position], start));
      if (attempt === undefined) break;
      probed.add(position);
      if (attempt.kind === 'failed') {
        failure = attempt;
        this.streakOf(attempt).noteFailure();
      }
      this.settleProbe(position, attempt);
      if (this.streakOf(failure).isTaking || probed.size === MAX_PROBES) break;
    }
    return { probed, failure };
  }

  private settleProbe(position: number, attempt: Attempt): void {
    if (attempt.kind === 'failed') this.leaveAlone(position, attempt);
    else if (attempt.verdict.kind === 'accepted') this.accept([position], attempt.verdict.errors);
    else this.outcomes[position] = { kind: 'rejected', detail: attempt.verdict.detail };
  }

  private async settle(positions: readonly number[], attempt: Attempt): Promise<void> {
    if (attempt.kind === 'failed') return this.fail(positions, attempt);
    if (attempt.verdict.kind === 'accepted') return this.accept(positions, attempt.verdict.errors);
    return this.isolate(positions, attempt.verdict.detail);
  }

  private accept(positions: readonly number[], errors: readonly ItemError[]): void {
    this.circuit.noteTaken(this);
    outcomesOf(positions.length, errors).forEach((outcome, index) => {
      const position = positions[index];
      if (position !== undefined) this.outcomes[position] = outcome;
    });
  }

  /**
   * Divides a refused request until the culprit stands alone. The smaller a part the sooner its turn, after all that
   * was not refused: what stands alone is done with. Size by size, a request of which much is wrong would take the
   * whole time of every invocation, and none of its items would ever stand alone.
   */
  private async isolate(positions: readonly number[], detail: string): Promise<void> {
    const [only] = positions;
    if (positions.length > 1 || only === undefined) {
      const parts = splitUp(positions, this.lane.items, this.standing === 'fresh' ? 2 : SUSPECT_PARTS);
      return this.deliverParts(parts, MAX_ATTEMPTS, turnBySize);
    }
    this.outcomes[only] = { kind: 'rejected', detail };
  }

  /**
   * Delivers in parts what failed while others are taken. A fresh item that stands alone has all its attempts: were
   * it left behind by chance, it would arrive after what came after it. A suspect was left behind before, and has
   * one attempt, unless another failure would make it a culprit.
   */
  private async takeApart(positions: readonly number[]): Promise<void> {
    const parts = splitUp(positions, this.lane.items, this.partsOf(positions.length));
    await this.deliverParts(parts, this.standing === 'fresh' ? MAX_ATTEMPTS : 1);
  }

  private partsOf(count: number): number {
    if (this.standing === 'fresh') return 2;
    return count <= MAX_SUSPECTS_ALONE ? MAX_SUSPECTS_ALONE : SUSPECT_PARTS;
  }

  /** Delivers the parts beside each other, except those of one inner array, which must arrive one after the other. */
  private async deliverParts(
    parts: readonly (readonly number[])[][],
    maxAttempts: number,
    turnOf?: TurnOf,
  ): Promise<void> {
    await Promise.all(parts.map((inOrder) => this.deliverInOrder(inOrder, maxAttempts, turnOf)));
  }

  /**
   * Delivers the parts one after the other. Where there are several, each has all its attempts: were one left behind
   * by chance, it would arrive after what came after it.
   */
  private async deliverInOrder(
    parts: readonly (readonly number[])[],
    maxAttempts: number,
    turnOf?: TurnOf,
  ): Promise<void> {
    const isAtStake = parts.length > 1 || parts.flat().some((position) => this.hasFailedAlone(position));
    const attempts = isAtStake ? MAX_ATTEMPTS : maxAttempts;
    for (const part of parts) await this.deliverRequest(part, attempts, turnOf?.(part));
  }

  private async fail(positions: readonly number[], failure: RequestFailure): Promise<void> {
    const [only] = positions;
    if (positions.length > 1 || only === undefined) return this.takeApart(positions);
    this.leaveAlone(only, failure);
    if (this.streakOf(failure).isOver) this.open([], failure);
  }

  private leaveAlone(position: number, failure: RequestFailure): void {
    this.failedAlone.set(position, failure);
    const item = this.lane.items[position];
    if (item !== undefined) this.keysLeft.add(item, failure);
    const delay = this.streakOf(failure).isTaking ? this.blame(position) : this.delayAfter(failure);
    this.leave([position], { ...failure, delay });
  }

  /**
   * What fails alone in a second invocation is a culprit. Once may be chance, and a culprit travels without what waits
   * for it: a few failures by chance would let a merge overtake the identify before it.
   */
  private blame(position: number): RetryDelay {
    return this.standing === 'culprit' || this.hasFailedAlone(position) ? CULPRIT : FAILED_ALONE;
  }

  private hasFailedAlone(position: number): boolean {
    const item = this.lane.items[position];
    return item !== undefined && this.lane.failedAlone?.has(item) === true;
  }

  private open(positions: readonly number[], failure: RequestFailure): void {
    const { verdict, cause } = failure;
    const delay = this.delayAfter(failure);
    // A known culprit's failure is its own, and no operator is asked to act (`delayAfter` decides that).
    if (delay.kind === 'operator' && verdict.kind === 'operator') this.report.operatorAdvice = verdict.advice;
    this.leave(positions, { delay, cause });
    this.circuit.open(this, failure, delay);
  }

  private delayAfter({ verdict, mayFollowContent }: RequestFailure): RetryDelay {
    if (this.standing === 'culprit' && mayFollowContent) return STILL_CULPRIT;
    if (verdict.kind === 'operator') return { kind: 'operator' };
    const { retryAfterSeconds } = verdict;
    return retryAfterSeconds === undefined ? { kind: 'backoff' } : { kind: 'backoff', retryAfterSeconds };
  }

  private leave(positions: readonly number[], { delay, cause }: Closure): void {
    for (const position of positions) this.outcomes[position] = { kind: 'retry', delay, cause };
  }

  /** What speaks of credentials is held against the source's own requests, all else against the workspace's. */
  private streakOf({ verdict }: RequestFailure): Streak {
    return verdict.kind === 'operator' ? this.refusals : this.outages;
  }

  private requestOf(positions: readonly number[], start: Start): RepeatableRequest {
    const body = serialize(positions, this.lane.items, this.lane.destination.envelope);
    return { body, itemCount: positions.length, start };
  }
}
