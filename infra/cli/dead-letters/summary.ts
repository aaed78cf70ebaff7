// What waits in a dead-letter queue, by reason and source: how many, how old, and one of them as a sample.

import type { Letter } from './letter';

export interface LetterGroup {
  readonly reason: string;
  readonly source: string | undefined;
  readonly workspace: string | undefined;
  readonly field: string | undefined;
  count: number;
  oldestMs: number;
  newestMs: number;
  readonly sample: { readonly sqsMessageId: string; readonly detail: string | undefined };
}

export class Summary {
  private readonly groups = new Map<string, LetterGroup>();

  add(letter: Letter): void {
    const { reason, source, workspace, field, failedAtMs, sqsMessageId, detail } = letter;
    const key = JSON.stringify([reason, source, workspace, field]);
    const known = this.groups.get(key);
    if (known === undefined) {
      const sample = { sqsMessageId, detail };
      const group = {
        reason,
        source,
        workspace,
        field,
        count: 1,
        oldestMs: failedAtMs,
        newestMs: failedAtMs,
        sample,
      };
      this.groups.set(key, group);
      return;
    }
    known.count += 1;
    known.oldestMs = Math.min(known.oldestMs, failedAtMs);
    known.newestMs = Math.max(known.newestMs, failedAtMs);
  }

  /** The most frequent first. */
  all(): readonly LetterGroup[] {
    return [...this.groups.values()].sort(
      (a, b) => b.count - a.count || a.reason.localeCompare(b.reason) || a.oldestMs - b.oldestMs,
    );
  }

  get count(): number {
    return this.all().reduce((sum, group) => sum + group.count, 0);
  }
}
