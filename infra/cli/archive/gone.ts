// Who was taken out of Customer.io since: by a reserved event in the archive, or by a list. What happened to them before
// must not bring them back; of somebody who is still suppressed nothing at all.

import { idKey, ownersOf } from '../people';
import type { ScannedLine } from './scan';
import { nameOf } from './selection';

/** Reserved events, and when the last of each was received, by every id that it names: ISO 8601. */
type LastOf = Record<'User Deleted' | 'User Suppressed' | 'User Unsuppressed', Map<string, string>>;

const NEVER = '';

export class Gone {
  private readonly last: LastOf = {
    'User Deleted': new Map(),
    'User Suppressed': new Map(),
    'User Unsuppressed': new Map(),
  };
  private readonly listed: ReadonlySet<string>;

  /** @param ids of people of whom nothing may be sent. */
  constructor(ids: readonly string[]) {
    this.listed = new Set(ids.map(idKey));
  }

  note(line: ScannedLine): void {
    if (line.outcome !== 'delivered' || line.type !== 'track') return;
    const name = nameOf(line.event) ?? '';
    const last = Object.hasOwn(this.last, name) ? this.last[name as keyof LastOf] : undefined;
    if (last === undefined) return;
    for (const id of ownersOf(line.event).map(idKey)) {
      if (line.receivedAt > (last.get(id) ?? NEVER)) last.set(id, line.receivedAt);
    }
  }

  /** Also the reserved event itself, which is done: sent again it would race with the rest. */
  has({ event, receivedAt }: ScannedLine): boolean {
    return ownersOf(event)
      .map(idKey)
      .some((id) => this.isSuppressed(id) || this.wasGoneAfter(id, receivedAt));
  }

  private isSuppressed(id: string): boolean {
    return this.listed.has(id) || this.lastOf('User Suppressed', id) > this.lastOf('User Unsuppressed', id);
  }

  /** While somebody is suppressed, Customer.io takes nothing of them. */
  private wasGoneAfter(id: string, receivedAt: string): boolean {
    return (
      receivedAt <= this.lastOf('User Deleted', id) || receivedAt <= this.lastOf('User Unsuppressed', id)
    );
  }

  private lastOf(name: keyof LastOf, id: string): string {
    return this.last[name].get(id) ?? NEVER;
  }
}
