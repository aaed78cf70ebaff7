// How many requests began within the last second, at any moment. A window that slides: counting by clock
// seconds would let twice the rate pass around a boundary.

const WINDOW_MS = 1_000;
const COMPACT_AFTER = 1_024;

export class SlidingSecond {
  private readonly starts: number[] = [];
  private first = 0;
  private highest = 0;

  /** The most that ever began within one second. */
  get peak(): number {
    return this.highest;
  }

  /** How many began in the second that ends at `nowMs`. */
  count(nowMs: number): number {
    while ((this.starts[this.first] ?? Infinity) <= nowMs - WINDOW_MS) this.first += 1;
    if (this.first >= COMPACT_AFTER) {
      this.starts.splice(0, this.first);
      this.first = 0;
    }
    return this.starts.length - this.first;
  }

  add(nowMs: number): void {
    this.starts.push(nowMs);
    this.highest = Math.max(this.highest, this.count(nowMs));
  }
}
