// Keeps a process inside its share of a destination's rate. Bottleneck queues and spaces the requests; a
// window of the starts that really happened has the last word, because timers that were due while a
// sandbox was frozen all fire at once when it thaws.

import Bottleneck from 'bottleneck';
import type { Destination } from './destination';
import { sleep } from './sleep';

/** A little over a second: starts that were a second apart here may arrive closer together there. */
export const WINDOW_MS = 1_050;
/** More would not help (an invocation holds about a dozen requests) and would all be waiting in a freeze. */
export const MAX_REQUESTS_IN_FLIGHT = 10;

const SLOWEST_PACE = 1 / 16;
const PACE_STEP = 1 / 8;

/** What a process remembers of a destination between invocations. It steers speed, never correctness. */
export class Pacer {
  /** Starts per window; a share below one request a second stretches the window instead. */
  private readonly capacity: number;
  private readonly windowMs: number;
  private readonly starts: number[] = [];
  /** 1 is full speed. */
  private pace = 1;

  constructor(requestsPerSecond: number) {
    this.capacity = Math.max(1, Math.floor(requestsPerSecond));
    this.windowMs = WINDOW_MS * Math.max(1, 1 / requestsPerSecond);
  }

  get spacingMs(): number {
    return this.windowMs / this.capacity / this.pace;
  }

  /** Halves the speed: the destination said 429. */
  slowDown(): void {
    this.pace = Math.max(SLOWEST_PACE, this.pace / 2);
  }

  /** Takes back an eighth of full speed for each request that succeeds. */
  speedUp(): void {
    this.pace = Math.min(1, this.pace + PACE_STEP);
  }

  /** Milliseconds until one more start keeps every window within the share. */
  waitMs(nowMs: number): number {
    while (this.starts[0] !== undefined && this.starts[0] <= nowMs - this.windowMs) this.starts.shift();
    const oldest = this.starts.length < this.capacity ? undefined : this.starts[0];
    return oldest === undefined ? 0 : oldest + this.windowMs - nowMs;
  }

  recordStart(nowMs: number): void {
    this.starts.push(nowMs);
  }
}

export type Run<T> = { readonly started: true; readonly value: T } | { readonly started: false };

const NOT_STARTED = { started: false } as const;

/** Makes one request when the window allows it. */
export type Start = <T>(request: () => Promise<T>) => Promise<Run<T>>;

/** One invocation's queue of requests to a destination. After `stop` nothing starts any more. */
export class Limiter {
  private readonly queue: Bottleneck;
  private readonly stopped = new AbortController();

  constructor(private readonly pacer: Pacer) {
    this.queue = new Bottleneck({ maxConcurrent: MAX_REQUESTS_IN_FLIGHT, minTime: pacer.spacingMs });
  }

  /**
   * Runs `job` when its turn comes; `started: false` when the limiter was stopped before. The job makes each
   * of its requests through `start`, which waits until the window has room for one more.
   */
  async run<T>(job: (start: Start) => Promise<T>): Promise<Run<T>> {
    if (this.stopped.signal.aborted) return NOT_STARTED;
    try {
      return { started: true, value: await this.queue.schedule(() => job((request) => this.start(request))) };
    } catch (error) {
      if (error instanceof Bottleneck.BottleneckError) return NOT_STARTED;
      throw error;
    }
  }

  slowDown(): void {
    this.pacer.slowDown();
    this.queue.updateSettings({ minTime: this.pacer.spacingMs });
  }

  speedUp(): void {
    this.pacer.speedUp();
    this.queue.updateSettings({ minTime: this.pacer.spacingMs });
  }

  /** Drops what waits; what has started goes on. */
  stop(): void {
    if (this.stopped.signal.aborted) return;
    this.stopped.abort();
    void this.queue.stop({ dropWaitingJobs: true });
  }

  private async start<T>(request: () => Promise<T>): Promise<Run<T>> {
    const { signal } = this.stopped;
    for (let wait = this.waitMs(); wait > 0 && !signal.aborted; wait = this.waitMs())
      await sleep(wait, signal);
    if (signal.aborted) return NOT_STARTED;
    this.pacer.recordStart(performance.now());
    return { started: true, value: await request() };
  }

  private waitMs(): number {
    return Math.ceil(this.pacer.waitMs(performance.now()));
  }
}

const pacers = new Map<string, Pacer>();

/** The pacer this process keeps for a destination; new credentials or a new rate start a new one. */
export const pacerFor = ({ name, request, requestsPerSecond }: Destination): Pacer => {
  const key = JSON.stringify([name, request.url, request.username, requestsPerSecond]);
  const known = pacers.get(key) ?? new Pacer(requestsPerSecond);
  pacers.set(key, known);
  return known;
};
