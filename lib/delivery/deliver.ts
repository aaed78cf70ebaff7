// Delivers items to a destination inside its rate and the time that is left, and says what became of each.
// It never throws for anything a destination does, and when it returns nothing of it is running any more.

import type { Destination, HttpAnswer, HttpRequest, Item, Verdict } from './connector';
import { Limiter, type Pacer, type Start } from './limiter';
import { type PackedRequest, pack } from './pack';
import {
  attemptDelayMs,
  mayStart,
  type Random,
  REQUEST_TIMEOUT_MS,
  type RetryDelay,
  SETTLE_RESERVE_MS,
} from './retry-policy';
import { sleep } from './sleep';

export type ItemOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'rejected'; readonly detail: string }
  | { readonly kind: 'retry'; readonly delay: RetryDelay };

/** What happened on the wire, for metrics and the operator's log. */
export interface DeliveryReport {
  requests: number;
  throttled: number;
  failed: number;
  readonly fillPercents: number[];
  /** Set when an operator must act; says what to check. */
  operatorAdvice?: string;
}

export interface DeliveryResult {
  /** One for each item, in the order given. */
  readonly outcomes: readonly ItemOutcome[];
  readonly report: DeliveryReport;
}

export interface DeliveryContext {
  /** Milliseconds until the invocation is killed. */
  readonly remainingMs: () => number;
  readonly pacer: Pacer;
  /** Calls `hasLeft` when all of the request has been sent: what the rate is counted by. */
  readonly send: (request: HttpRequest, timeoutMs: number, hasLeft: () => void) => Promise<HttpAnswer>;
  readonly random: Random;
}

export const deliver = async (
  items: readonly Item[],
  destination: Destination,
  context: DeliveryContext,
): Promise<DeliveryResult> => {
  const run = new DeliveryRun(items, destination, context);
  return run.deliverAll();
};

/** A request and how to make it once more within the rate. */
interface Attempted {
  readonly body: Buffer;
  readonly itemCount: number;
  readonly start: Start;
}

type Unavailable = Extract<Verdict, { kind: 'unavailable' }>;

class DeliveryRun {
  private readonly outcomes: ItemOutcome[];
  private readonly report: DeliveryReport = { requests: 0, throttled: 0, failed: 0, fillPercents: [] };
  private readonly limiter: Limiter;
  private readonly ended = new AbortController();
  /** Requests that failed and are being tried again. */
  private readonly inTrouble = new Set<Promise<unknown>>();
  /** Once a request has failed, what the rest of this destination's items wait for. */
  private circuit: RetryDelay | undefined;

  constructor(
    private readonly items: readonly Item[],
    private readonly destination: Destination,
    private readonly context: DeliveryContext,
  ) {
    // Fails closed: an item nobody came to is one that was not tried.
    this.outcomes = items.map(() => ({ kind: 'retry', delay: { kind: 'at_once' } }));
    this.limiter = new Limiter(context.pacer);
  }

  async deliverAll(): Promise<DeliveryResult> {
    const lastStartMs = this.context.remainingMs() - REQUEST_TIMEOUT_MS - SETTLE_RESERVE_MS;
    const deadline = setTimeout(() => this.end(), Math.max(0, lastStartMs));
    const requests = pack(this.items, {
      maxBatchBytes: this.destination.maxBatchBytes,
      envelopeBytes: Buffer.byteLength(this.destination.envelope.join('')),
      maxItems: this.destination.maxItems ?? Infinity,
    });
    for (const { bytes } of requests) {
      this.report.fillPercents.push((100 * bytes) / this.destination.maxBatchBytes);
    }
    const running: Promise<void>[] = [];
    for (const request of requests) running.push(this.runAfterOthers(request, running));
    await Promise.all(running);
    clearTimeout(deadline);
    this.end();
    return { outcomes: this.outcomes, report: this.report };
  }

  /** `after` names earlier requests only, so their promises exist already. */
  private async runAfterOthers(request: PackedRequest, earlier: readonly Promise<void>[]): Promise<void> {
    await Promise.all(request.after.map((number) => earlier[number]));
    await this.deliverRequest(request.positions);
  }

  private async deliverRequest(positions: readonly number[]): Promise<void> {
    const body = this.serialize(positions);
    const run = await this.limiter.run(async (start) => {
      await this.untilCalm();
      return this.attempt({ body, itemCount: positions.length, start });
    });
    const verdict = run.started ? run.value : undefined;
    if (verdict === undefined) return this.leave(positions, this.circuit ?? { kind: 'at_once' });
    if (verdict.kind === 'accepted') return this.accept(positions, verdict.errors);
    if (verdict.kind === 'refused') return this.isolate(positions, verdict.detail);
    this.leave(positions, this.openCircuit(verdict));
  }

  /** Makes the request until its verdict is final for this invocation; undefined when it never started. */
  private async attempt(request: Attempted): Promise<Verdict | undefined> {
    const verdict = await this.sendWithReconnect(request);
    if (verdict?.kind !== 'unavailable') return verdict;
    const again = this.attemptAgain(request, verdict);
    this.inTrouble.add(again);
    return again.finally(() => this.inTrouble.delete(again));
  }

  private async attemptAgain(request: Attempted, first: Unavailable): Promise<Verdict> {
    let last = first;
    for (let attempt = 1; ; attempt += 1) {
      const delayMs = attemptDelayMs(attempt, last.retryAfterSeconds, this.context.random);
      if (delayMs === undefined) return last;
      await sleep(delayMs, this.ended.signal);
      const verdict = await this.sendWithReconnect(request);
      if (verdict?.kind !== 'unavailable') return verdict ?? last;
      last = verdict;
    }
  }

  /** While one request is being retried no other starts: an outage sees a few requests, not all of them. */
  private async untilCalm(): Promise<void> {
    while (this.inTrouble.size > 0) await Promise.race(this.inTrouble);
  }

  /** A connection that went stale while the process was frozen says nothing of the service: once more, at once. */
  private async sendWithReconnect(request: Attempted): Promise<Verdict | undefined> {
    const verdict = await this.sendOnce(request);
    if (verdict?.kind !== 'reconnect') return verdict;
    const second = await this.sendOnce(request);
    return second?.kind === 'reconnect' ? { kind: 'unavailable', throttled: false } : second;
  }

  private async sendOnce({ body, itemCount, start }: Attempted): Promise<Verdict | undefined> {
    const run = await start(async (hasLeft) => {
      // Looked at again here: the wait may have been long, and the process may have been frozen since.
      if (!mayStart(this.context.remainingMs())) return undefined;
      this.report.requests += 1;
      return this.context.send({ ...this.destination.request, body }, REQUEST_TIMEOUT_MS, hasLeft);
    });
    if (!run.started || run.value === undefined) return undefined;
    const verdict = this.destination.classify(run.value, itemCount);
    this.pace(verdict);
    return verdict;
  }

  private pace(verdict: Verdict): void {
    if (verdict.kind === 'accepted') this.limiter.speedUp();
    if (verdict.kind !== 'unavailable') return;
    this.report.failed += 1;
    if (!verdict.throttled) return;
    this.report.throttled += 1;
    this.limiter.slowDown();
  }

  private accept(positions: readonly number[], errors: readonly { index: number; detail: string }[]): void {
    for (const position of positions) this.outcomes[position] = { kind: 'delivered' };
    const details = new Map<number, string[]>();
    for (const { index, detail } of errors) details.set(index, [...(details.get(index) ?? []), detail]);
    for (const [index, texts] of details) {
      const position = positions[index];
      if (position !== undefined) this.outcomes[position] = { kind: 'rejected', detail: texts.join('; ') };
    }
  }

  /** Halves a refused request until the culprit stands alone; the halves go one after the other, in order. */
  private async isolate(positions: readonly number[], detail: string): Promise<void> {
    const [only] = positions;
    if (positions.length === 1 && only !== undefined) {
      this.outcomes[only] = { kind: 'rejected', detail };
      return;
    }
    const middle = Math.ceil(positions.length / 2);
    await this.deliverRequest(positions.slice(0, middle));
    await this.deliverRequest(positions.slice(middle));
  }

  private openCircuit(verdict: Verdict): RetryDelay {
    const delay = delayAfter(verdict);
    if (verdict.kind === 'operator') this.report.operatorAdvice = verdict.advice;
    this.circuit ??= delay;
    this.end();
    return delay;
  }

  private leave(positions: readonly number[], delay: RetryDelay): void {
    for (const position of positions) this.outcomes[position] = { kind: 'retry', delay };
  }

  /** Nothing starts from here on: waits are cut short, the queue is dropped, what is in flight ends. */
  private end(): void {
    this.limiter.stop();
    this.ended.abort();
  }

  /** Copies bytes that exist already: nothing is serialised, measured or encoded a second time. */
  private serialize(positions: readonly number[]): Buffer {
    const [open, close] = this.destination.envelope;
    const parts: Buffer[] = [Buffer.from(open)];
    for (const position of positions) {
      const item = this.items[position];
      if (item !== undefined) parts.push(item.json, SEPARATOR);
    }
    parts[parts.length - 1] = Buffer.from(close);
    return Buffer.concat(parts);
  }
}

const SEPARATOR = Buffer.from(',');

const delayAfter = (verdict: Verdict): RetryDelay => {
  if (verdict.kind === 'operator') return { kind: 'operator' };
  const retryAfterSeconds = verdict.kind === 'unavailable' ? verdict.retryAfterSeconds : undefined;
  return retryAfterSeconds === undefined ? { kind: 'backoff' } : { kind: 'backoff', retryAfterSeconds };
};
