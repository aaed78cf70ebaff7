// The newest entries of a log that may run for hours. Adding is constant time; what falls out is gone.

export class Recent<T> {
  private readonly entries: T[] = [];
  /** How many there have been, those that fell out too. */
  total = 0;

  /** @param capacity how many are kept; `Infinity` keeps all. */
  constructor(private readonly capacity: number) {}

  add(entry: T): void {
    this.entries.push(entry);
    this.total += 1;
    // Trimmed in blocks, so that a full log does not move all its entries for each new one.
    if (this.entries.length >= this.capacity * 2) {
      this.entries.splice(0, this.entries.length - this.capacity);
    }
  }

  oldestFirst(limit = Infinity): T[] {
    return this.entries.slice(Math.max(0, this.entries.length - Math.min(limit, this.capacity)));
  }

  newestFirst(limit = Infinity): T[] {
    return this.oldestFirst(limit).reverse();
  }
}
