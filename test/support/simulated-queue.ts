// A queue under a simulated clock: visibility, delays, receive counts, redrive and retention as SQS documents them,
// so that a day passes in a second.

import type { SQSRecord } from 'aws-lambda';
import { recordOf } from './sqs-record';

interface StoredMessage {
  readonly id: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentAtSeconds: number;
  visibleAtSeconds: number;
  receiveCount: number;
}

export interface QueueLimits {
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
  readonly retentionSeconds: number;
}

export interface SendOptions {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly delaySeconds?: number;
}

export class SimulatedQueue {
  /** Moved by the queue itself, for too many receives. */
  readonly deadLetters: string[] = [];
  readonly expired: string[] = [];
  private readonly messages = new Map<string, StoredMessage>();

  constructor(private readonly limits: QueueLimits) {}

  get size(): number {
    return this.messages.size;
  }

  send(id: string, body: unknown, nowSeconds: number, options: SendOptions = {}): void {
    const { attributes = {}, delaySeconds = 0 } = options;
    this.messages.set(id, {
      id,
      body,
      attributes,
      sentAtSeconds: nowSeconds,
      visibleAtSeconds: nowSeconds + delaySeconds,
      receiveCount: 0,
    });
  }

  /** Hands out what is visible; what was handed out too often goes to the dead-letter queue instead. */
  receive(nowSeconds: number, most = Infinity): SQSRecord[] {
    const records: SQSRecord[] = [];
    for (const message of this.messages.values()) {
      if (records.length >= most) break;
      if (this.isExpired(message, nowSeconds) || message.visibleAtSeconds > nowSeconds) continue;
      records.push(...this.handOut(message, nowSeconds));
    }
    return records;
  }

  delete(id: string): void {
    this.messages.delete(id);
  }

  changeVisibility(id: string, visibleAtSeconds: number): void {
    const message = this.messages.get(id);
    if (message !== undefined) message.visibleAtSeconds = visibleAtSeconds;
  }

  private isExpired(message: StoredMessage, nowSeconds: number): boolean {
    if (nowSeconds - message.sentAtSeconds <= this.limits.retentionSeconds) return false;
    this.messages.delete(message.id);
    this.expired.push(message.id);
    return true;
  }

  private handOut(message: StoredMessage, nowSeconds: number): SQSRecord[] {
    message.receiveCount += 1;
    message.visibleAtSeconds = nowSeconds + this.limits.visibilityTimeoutSeconds;
    if (message.receiveCount > this.limits.maxReceiveCount) {
      this.messages.delete(message.id);
      this.deadLetters.push(message.id);
      return [];
    }
    const { id, body, attributes, receiveCount, sentAtSeconds } = message;
    const sentAt = new Date(sentAtSeconds * 1_000);
    return [recordOf({ messageId: id, body, attributes, receiveCount, sentAt })];
  }
}
