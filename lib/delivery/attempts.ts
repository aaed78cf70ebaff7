// Makes one request until its answer is final for this invocation. Each attempt takes its own place in the rate,
// and is made only while it can still end before the invocation does.

import { sleep } from '../sleep';
import { describeAnswer, isTimeout, mayFollowContent } from './classify-answer';
import type { Destination, Verdict } from './connector';
import type { DeliveryContext, DeliveryReport } from './delivery';
import type { Limiter, Start } from './limiter';
import { attemptDelayMs, mayStart, REQUEST_TIMEOUT_MS } from './retry-policy';

/** A request, and how it can be made again within the rate. */
export interface RepeatableRequest {
  readonly body: Buffer;
  readonly itemCount: number;
  readonly start: Start;
}

export type FailedVerdict = Extract<Verdict, { kind: 'unavailable' | 'operator' }>;
export type AnsweredVerdict = Extract<Verdict, { kind: 'accepted' | 'refused' }>;

/** A request that failed in a way that decides nothing about its items. */
export interface RequestFailure {
  readonly kind: 'failed';
  readonly verdict: FailedVerdict;
  /** Whether other content could have been answered otherwise. */
  readonly mayFollowContent: boolean;
  /** It took the whole time that a request may take, so that there is no time for another. */
  readonly isTimeout: boolean;
  /** What went wrong, in words that a dead letter may carry. */
  readonly cause: string;
}

export type Attempt = RequestFailure | { readonly kind: 'answered'; readonly verdict: AnsweredVerdict };

export class Attempts {
  constructor(
    private readonly destination: Destination,
    private readonly context: DeliveryContext,
    private readonly limiter: Limiter,
    private readonly report: DeliveryReport,
    /** Aborts when nothing may wait any longer. */
    private readonly stopped: AbortSignal,
  ) {}

  /**
   * After a first failure, makes the request again until it gets through or has been made `maxAttempts` times, with
   * a pause before each attempt. Answers the last failure where none got through.
   * @param maxAttempts the failed one included. @param isEnough ends it early.
   */
  async again(
    request: RepeatableRequest,
    failed: RequestFailure,
    maxAttempts: number,
    isEnough: (failure: RequestFailure) => boolean,
  ): Promise<Attempt> {
    let last = failed;
    for (let attempt = 1; attempt < maxAttempts && !isEnough(last); attempt += 1) {
      const delayMs = pauseMs(attempt, last, this.context);
      if (delayMs === undefined) return last;
      await sleep(delayMs, this.stopped);
      const next = await this.once(request);
      if (next?.kind !== 'failed') return next ?? last;
      last = next;
    }
    return last;
  }

  /**
   * Makes the request once; undefined when it was not made. A connection that went stale while the process was
   * frozen says nothing of the service: then the request is made once more.
   */
  async once(request: RepeatableRequest): Promise<Attempt | undefined> {
    const first = await this.send(request);
    if (first !== 'reconnect') return first;
    const second = await this.send(request);
    return second === 'reconnect' ? STALE_TWICE : second;
  }

  private async send({
    body,
    itemCount,
    start,
  }: RepeatableRequest): Promise<Attempt | 'reconnect' | undefined> {
    const run = await start(async (hasLeft) => {
      // The time is looked at again here: the wait may have been long, and the process may have been frozen since.
      if (!mayStart(this.context.remainingMs())) return undefined;
      this.report.requests += 1;
      return this.context.send({ ...this.destination.request, body }, REQUEST_TIMEOUT_MS, hasLeft);
    });
    if (!run.started || run.value === undefined) return undefined;
    const verdict = this.destination.classify(run.value, itemCount);
    this.pace(verdict);
    if (verdict.kind === 'reconnect') return 'reconnect';
    if (verdict.kind === 'accepted' || verdict.kind === 'refused') return { kind: 'answered', verdict };
    return {
      kind: 'failed',
      verdict,
      mayFollowContent: mayFollowContent(run.value),
      isTimeout: isTimeout(run.value),
      cause: describeAnswer(run.value),
    };
  }

  private pace(verdict: Verdict): void {
    if (verdict.kind === 'accepted') this.limiter.speedUp();
    if (verdict.kind !== 'unavailable') return;
    this.report.failed += 1;
    if (!verdict.throttled) return;
    this.report.throttled += 1;
    this.limiter.slowDown();
  }
}

/**
 * The pause before the next attempt. Undefined where the queue is the better place to wait: always when an operator
 * must act, and after a timeout.
 */
const pauseMs = (
  attempt: number,
  { verdict, isTimeout: hasTimedOut }: RequestFailure,
  { random }: DeliveryContext,
): number | undefined => {
  if (verdict.kind === 'operator' || hasTimedOut) return undefined;
  return attemptDelayMs(attempt, verdict.retryAfterSeconds, random);
};

const STALE_TWICE: RequestFailure = {
  kind: 'failed',
  verdict: { kind: 'unavailable', throttled: false },
  mayFollowContent: true,
  isTimeout: false,
  cause: 'no answer: the connection was closed twice',
};
