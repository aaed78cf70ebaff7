// Keeps a process inside its share of a destination's rate. Bottleneck queues and spaces the requests; a
// window of those that really left has the last word: timers that were due while a sandbox was frozen all
// fire at once when it thaws, and on a busy or cold processor a request leaves long after its turn came.

// The library without its Redis mode, which would be most of its code.
import Bottleneck from 'bottleneck/light';
import { sleep } from '../sleep';
import { type Destination, workspaceOf } from './connector';

/** A little over a second: requests that left a second apart may arrive closer together. */
export const WINDOW_MS = 1_050;
/**
 * More would not help, because an invocation holds about a dozen requests, and all of them would hang while the
 * process is frozen.
 */
export const MAX_REQUESTS_IN_FLIGHT = 10;

const SLOWEST_PACE = 1 / 16;
const PACE_STEP = 1 / 8;

/** What a process remembers of a destination between invocations. It steers speed, never correctness. */
export class Pacer {
  /** Requests per window; a share below one request a second stretches the window instead. */
  private readonly capacity: number;
  private readonly windowMs: number;
  /** The places that are taken, at most `capacity`. */
  private places: WindowPlace[] = [];
  /** How fast requests may start, as a part of full speed, which is 1. */
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

  /** Milliseconds until there may be room for one more request; then it must be asked again. */
  waitMs(nowMs: number): number {
    const leftAt = ({ leftAtMs }: WindowPlace): number => leftAtMs ?? nowMs;
    this.places = this.places.filter((place) => leftAt(place) > nowMs - this.windowMs);
    if (this.places.length < this.capacity) return 0;
    return Math.min(...this.places.map(leftAt)) + this.windowMs - nowMs;
  }

  /** Takes a place for one request. It is held until the request has left, and for a window after that. */
  takePlace(): WindowPlace {
    const place: WindowPlace = { leftAtMs: undefined };
    this.places.push(place);
    return place;
  }
}

/** One request's place in the window. */
interface WindowPlace {
  /** Undefined while the request is on its way out. */
  leftAtMs: number | undefined;
}

export type RunResult<T> = { readonly started: true; readonly value: T } | { readonly started: false };

const NOT_STARTED = { started: false } as const;

/** The first of Bottleneck's priorities; the last is 9, and more counts as that. */
export const FIRST_TURN = 0;

/** Why what waits is given up. The reason by default is an error with its stack, and every invocation ends with two. */
export const STOPPED = 'stopped';

/** Makes one request when the window allows it. The request calls `hasLeft` when all of it has been sent. */
export type Start = <T>(request: (hasLeft: () => void) => Promise<T>) => Promise<RunResult<T>>;

/** One invocation's queue of requests to a destination. After `stop` nothing starts any more. */
export class Limiter {
  private readonly queue: Bottleneck;
  private readonly stopped = new AbortController();
  private spacingMs: number;

  constructor(private readonly pacer: Pacer) {
    this.spacingMs = pacer.spacingMs;
    this.queue = new Bottleneck({ maxConcurrent: MAX_REQUESTS_IN_FLIGHT, minTime: this.spacingMs });
    lookAtOnce(this.queue);
  }

  /**
   * Runs `job` when its turn comes; `started: false` when the limiter was stopped before. The job makes each
   * of its requests through `start`, which waits until the window has room for one more.
   *
   * @param turn what waits with a lower one goes first.
   */
  async run<T>(job: (start: Start) => Promise<T>, turn = FIRST_TURN): Promise<RunResult<T>> {
    if (this.stopped.signal.aborted) return NOT_STARTED;
    try {
      const running = () => job((request) => this.start(request));
      return { started: true, value: await this.queue.schedule({ priority: turn }, running) };
    } catch (error) {
      if (error instanceof Bottleneck.BottleneckError) return NOT_STARTED;
      throw error;
    }
  }

  slowDown(): void {
    this.pacer.slowDown();
    this.adjust();
  }

  speedUp(): void {
    this.pacer.speedUp();
    this.adjust();
  }

  private adjust(): void {
    const { spacingMs } = this.pacer;
    if (spacingMs === this.spacingMs) return;
    this.spacingMs = spacingMs;
    this.queue.updateSettings({ minTime: spacingMs });
  }

  /** Drops what waits; what has started goes on. */
  stop(): void {
    if (this.stopped.signal.aborted) return;
    this.stopped.abort(STOPPED);
    void this.queue.stop({ dropWaitingJobs: true });
  }

  private async start<T>(request: (hasLeft: () => void) => Promise<T>): Promise<RunResult<T>> {
    const { signal } = this.stopped;
    for (let wait = this.waitMs(); wait > 0 && !signal.aborted; wait = this.waitMs())
      await sleep(wait, signal);
    if (signal.aborted) return NOT_STARTED;
    const place = this.pacer.takePlace();
    const hasLeft = (): void => {
      place.leftAtMs ??= performance.now();
    };
    try {
      return { started: true, value: await request(hasLeft) };
    } finally {
      hasLeft();
    }
  }

  private waitMs(): number {
    return Math.ceil(this.pacer.waitMs(performance.now()));
  }
}

/** What the library keeps its counts in: its own, which the types do not tell. */
interface CountsInMemory {
  yieldLoop: () => Promise<void>;
}

/**
 * The library waits for a timer at each look into its own memory, as it would for Redis: four for a request, which were
 * 0.5 ms of CPU and 5 ms until it was made. The look itself is done in one go and needs no other turn.
 */
const lookAtOnce = (queue: Bottleneck): void => {
  const { _store: counts } = queue as unknown as { readonly _store: CountsInMemory };
  counts.yieldLoop = () => Promise.resolve();
};

const pacers = new Map<string, { readonly pacer: Pacer; readonly requestsPerSecond: number }>();

/** The pacer this process keeps for a workspace, whichever source delivers to it; a new rate starts a new one. */
export const pacerFor = (destination: Destination): Pacer => {
  const { requestsPerSecond } = destination;
  const workspace = workspaceOf(destination);
  const known = pacers.get(workspace);
  if (known?.requestsPerSecond === requestsPerSecond) return known.pacer;
  const pacer = new Pacer(requestsPerSecond);
  pacers.set(workspace, { pacer, requestsPerSecond });
  return pacer;
};
