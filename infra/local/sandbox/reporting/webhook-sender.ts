// Sends reporting webhooks as Customer.io does: signed, one after the other, with four seconds of patience. One
// that fails is tried again and again, and holds back all behind it. Only the waits are short here, where
// Customer.io waits for up to an hour.

import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Recent } from '../recent';
import type { ReportingWebhook } from './webhook-body';

export interface WebhookTarget {
  /** The whole URL, as it would be entered in Customer.io. */
  readonly endpoint: string;
  readonly signingKey: string;
  /** Wait before the second attempt; each further one is twice as long. Default one second. */
  readonly retryAfterMs?: number;
}

/** One entry of `GET /sandbox/webhooks`. */
export interface SentWebhook {
  readonly event_id: string;
  readonly object_type: string;
  readonly metric: string;
  attempts: number;
  /** The status of the last answer; 0 when there was none. */
  status: number;
  delivered: boolean;
}

interface Waiting {
  readonly webhook: ReportingWebhook;
  readonly log: SentWebhook;
}

/** Customer.io hangs up then. */
const PATIENCE_MS = 4_000;
const DEFAULT_RETRY_AFTER_MS = 1_000;
const MAX_RETRY_AFTER_MS = 30_000;
const KEEP_WEBHOOKS = 1_000;

export class WebhookSender {
  private readonly sent = new Recent<SentWebhook>(KEEP_WEBHOOKS);
  private readonly waiting: Waiting[] = [];
  private readonly closing = new AbortController();
  private isRunning = false;

  constructor(
    private readonly target: WebhookTarget,
    /** Milliseconds since 1970. */
    private readonly clock: () => number,
  ) {}

  /** Puts it behind those that wait; `webhooks` tells what has become of it. */
  send(webhook: ReportingWebhook): void {
    const { event_id, object_type, metric } = webhook;
    const log: SentWebhook = { event_id, object_type, metric, attempts: 0, status: 0, delivered: false };
    this.sent.add(log);
    this.waiting.push({ webhook, log });
    if (!this.isRunning) void this.run();
  }

  /** Newest first. */
  webhooks(limit?: number): SentWebhook[] {
    return this.sent.newestFirst(limit);
  }

  /** Ends at once; what waits is never sent. */
  close(): void {
    this.closing.abort();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let next = this.waiting[0]; next !== undefined && this.isOpen; next = this.waiting[0]) {
      await this.attempt(next);
      if (next.log.delivered) this.waiting.shift();
      else await this.pause(next.log.attempts);
    }
    this.isRunning = false;
  }

  private get isOpen(): boolean {
    return !this.closing.signal.aborted;
  }

  private async attempt({ webhook, log }: Waiting): Promise<void> {
    log.attempts += 1;
    log.status = await this.post(JSON.stringify(webhook));
    log.delivered = log.status >= 200 && log.status < 300;
  }

  /** The status, or 0 without an answer. */
  private async post(body: string): Promise<number> {
    const timestamp = String(Math.floor(this.clock() / 1_000));
    const signature = createHmac('sha256', this.target.signingKey).update(`v0:${timestamp}:${body}`);
    try {
      const response = await fetch(this.target.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-cio-timestamp': timestamp,
          'x-cio-signature': signature.digest('hex'),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  private async pause(attempts: number): Promise<void> {
    const first = this.target.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
    const ms = Math.min(MAX_RETRY_AFTER_MS, first * 2 ** (attempts - 1));
    await delay(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
