// What must not be overtaken: the people and objects of items that have to come back. An item of one of these is left as
// well when the destination gives it no order by time, for sent now it would be undone by the earlier one; and any item
// is when the earlier one is a barrier.

import type { RequestFailure } from './attempts';
import type { Item } from './connector';

export class KeysLeft {
  private readonly left = new Map<string, RequestFailure>();
  private readonly barred = new Map<string, RequestFailure>();

  add({ keys, isBarrier }: Item, failure: RequestFailure): void {
    for (const key of keys) {
      if (!this.left.has(key)) this.left.set(key, failure);
      if (isBarrier && !this.barred.has(key)) this.barred.set(key, failure);
    }
  }

  /** Why the item has to wait, if it has to. */
  failureAhead({ keys, isUnordered }: Item): RequestFailure | undefined {
    const ahead = isUnordered ? this.left : this.barred;
    if (ahead.size === 0) return undefined;
    const before = keys.find((key) => ahead.has(key));
    return before === undefined ? undefined : ahead.get(before);
  }
}
