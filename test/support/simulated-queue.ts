// A queue under a simulated clock: visibility, receive counts, redrive and retention as SQS documents them,
// so that a day passes in a second.

import type { SQSRecord } from 'aws-lambda';
import { recordOf } from './sqs-record';

interface StoredMessage {
  readonly id: string;
  readonly body: unknown;
  readonly sentAtSeconds: number;
  visibleAtSeconds: number;
  receiveCount: number;
}

export interface QueueLimits {
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
  readonly retentionSeconds: number;
}

export class SimulatedQueue {
  readonly deadLetters: string[] = [];
  readonly expired: string[] = [];
  private readonly messages = new Map<string, StoredMessage>();

  constructor(private readonly limits: QueueLimits) {}

  get size(): number {
    return this.messages.size;
  }

  send(id: string, body: unknown, nowSeconds: number): void {
    this.messages.set(id, {
      id,
      body,
      sentAtSeconds: nowSeconds,
      visibleAtSeconds: nowSeconds,
      receiveCount: 0,
    });
  }

  /** Hands out what is visible; what was handed out too often goes to the dead-letter queue instead. */
  receive(nowSeconds: number): SQSRecord[] {
    for (const message of [...this.messages.values()]) this.expire(message, nowSeconds);
    const visible = [...this.messages.values()].filter(
      ({ visibleAtSeconds }) => visibleAtSeconds <= nowSeconds,
    );
    return visible.flatMap((message) => this.handOut(message, nowSeconds));
  }

  delete(id: string): void {
    this.messages.delete(id);
  }

  changeVisibility(id: string, visibleAtSeconds: number): void {
    const message = this.messages.get(id);
    if (message !== undefined) message.visibleAtSeconds = visibleAtSeconds;
  }

  private expire(message: StoredMessage, nowSeconds: number): void {
    if (nowSeconds - message.sentAtSeconds <= this.limits.retentionSeconds) return;
    this.messages.delete(message.id);
    this.expired.push(message.id);
  }

  private handOut(message: StoredMessage, nowSeconds: number): SQSRecord[] {
    message.receiveCount += 1;
    message.visibleAtSeconds = nowSeconds + this.limits.visibilityTimeoutSeconds;
    if (message.receiveCount > this.limits.maxReceiveCount) {
      this.messages.delete(message.id);
      this.deadLetters.push(message.id);
      return [];
    }
    const { id, body, receiveCount } = message;
    return [recordOf({ messageId: id, body, receiveCount, sentAt: new Date(message.sentAtSeconds * 1_000) })];
  }
}
