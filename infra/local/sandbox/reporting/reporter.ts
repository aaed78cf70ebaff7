// The sandbox's message activity: made up on request, told by webhook. There is one when the sandbox was given
// an endpoint to tell it to.

import type { JsonObject } from '../../../../lib/json/json-object';
import { parseEmissions } from './emission';
import { toWebhook } from './webhook-body';
import { type SentWebhook, WebhookSender, type WebhookTarget } from './webhook-sender';

export type Emitted =
  | { readonly ok: true; readonly eventIds: readonly string[] }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export class Reporter {
  private sender: WebhookSender;
  private emitted = 0;

  constructor(
    private readonly target: WebhookTarget,
    /** Milliseconds since 1970. */
    private readonly clock: () => number,
  ) {
    this.sender = new WebhookSender(target, clock);
  }

  /**
   * @param request what `POST /sandbox/emit` was sent.
   * @param newest the identifiers of the person created last; undefined when there is nobody.
   */
  emit(request: unknown, newest: JsonObject | undefined): Emitted {
    const parsed = parseEmissions(request);
    if (!parsed.ok) return parsed;
    if (newest === undefined && parsed.emissions.some(({ identifiers }) => identifiers === undefined)) {
      return { ok: false, mistakes: ['identifiers are needed: the workspace has no person yet'] };
    }
    const webhooks = parsed.emissions.map((emission) => {
      this.emitted += 1;
      return toWebhook(emission, { identifiers: newest ?? {}, nowMs: this.clock(), number: this.emitted });
    });
    for (const webhook of webhooks) this.sender.send(webhook);
    return { ok: true, eventIds: webhooks.map(({ event_id }) => event_id) };
  }

  /** Newest first. */
  webhooks(limit?: number): SentWebhook[] {
    return this.sender.webhooks(limit);
  }

  /** Forgets what was sent and drops what waits. */
  reset(): void {
    this.sender.close();
    this.sender = new WebhookSender(this.target, this.clock);
  }

  /** Ends at once. */
  close(): void {
    this.sender.close();
  }
}
