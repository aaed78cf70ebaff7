// A mark for each of any number of events. A Map ends at 16 million entries and takes 70 bytes for each; a replay may
// have more events, so that here an event is 64 bits of a digest and a byte, in tables outside the heap.

import { hash } from 'node:crypto';

const FIRST_SLOTS = 1_024;

/** Open addressing: an event stands in the slot that its digest names, or in the next one that is free. */
export class EventMarks {
  private keys = new BigUint64Array(FIRST_SLOTS);
  /** 0 where a slot is free. */
  private marks = new Uint8Array(FIRST_SLOTS);
  private events = 0;

  /** @returns 0 where there is none. */
  of(event: bigint): number {
    return this.marks[this.slotOf(event)] ?? 0;
  }

  /** @param mark from 1 to 255. */
  set(event: bigint, mark: number): void {
    if (this.of(event) === 0) {
      this.events += 1;
      // Half of the slots stay free: a search ends after two of them.
      if (this.events * 2 > this.marks.length) this.grow();
    }
    this.put(event, mark);
  }

  private put(event: bigint, mark: number): void {
    const slot = this.slotOf(event);
    this.keys[slot] = event;
    this.marks[slot] = mark;
  }

  private slotOf(event: bigint): number {
    const last = this.marks.length - 1;
    let slot = Number(event & BigInt(last));
    while (this.marks[slot] !== 0 && this.keys[slot] !== event) slot = (slot + 1) & last;
    return slot;
  }

  private grow(): void {
    const { keys, marks } = this;
    this.keys = new BigUint64Array(keys.length * 2);
    this.marks = new Uint8Array(marks.length * 2);
    for (const [slot, mark] of marks.entries()) if (mark !== 0) this.put(keys[slot] ?? 0n, mark);
  }
}

/** Of a hundred million events no two are likely to have the same: one in four thousand. */
export const digestOf = (text: string): bigint => hash('sha256', text, 'buffer').readBigUInt64LE();

const SEEN = 1;

/** Which texts there were, however many. */
export class SeenTexts {
  private readonly marks = new EventMarks();

  isFirst(text: string): boolean {
    const digest = digestOf(text);
    if (this.marks.of(digest) === SEEN) return false;
    this.marks.set(digest, SEEN);
    return true;
  }
}
