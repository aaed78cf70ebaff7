// A moment before the end of an invocation at which calls that are still running are given up.

export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  /** @param reserveMs how long before the invocation is killed. */
  constructor(remainingMs: () => number, reserveMs: number) {
    this.timer = setTimeout(() => this.controller.abort(), Math.max(0, remainingMs() - reserveMs));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** To be called when the work is done, so that no timer is left behind. */
  clear(): void {
    clearTimeout(this.timer);
  }
}
