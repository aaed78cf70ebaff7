// A standard queue under a simulated clock, as far as sources can hold each other back in it: visibility and delays, the
// bound of what may be in flight, and fair queues, which hand out quiet groups first. Made for millions of messages.

import type { SQSRecord } from 'aws-lambda';
import { recordOf } from './sqs-record';

export interface FairMessage {
  readonly id: string;
  readonly group: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly sentAtSeconds: number;
  receiveCount: number;
  state: 'delayed' | 'visible' | 'in_flight' | 'deleted';
  /** When it leaves `delayed` or `in_flight` by itself. */
  untilSeconds: number;
}

/** AWS: a group is noisy that has more than a tenth of what is in flight. */
const NOISY_SHARE = 0.1;

/** First in, first out. An array's own `shift` moves all the others, of which there are hundreds of thousands. */
class Line {
  private items: FairMessage[] = [];
  private first = 0;

  get length(): number {
    return this.items.length - this.first;
  }

  push(message: FairMessage): void {
    this.items.push(message);
  }

  shift(): FairMessage | undefined {
    const message = this.items[this.first];
    this.first += 1;
    if (2 * this.first >= this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return message;
  }
}

export class FairQueue {
  inFlight = 0;
  mostInFlight = 0;
  size = 0;
  private readonly visible = new Map<string, Line>();
  private readonly inFlightOf = new Map<string, number>();
  private readonly waking = new Map<number, FairMessage[]>();
  private readonly byId = new Map<string, FairMessage>();
  private sent = 0;

  constructor(
    private readonly maxInFlight: number,
    private readonly visibilityTimeoutSeconds: number,
  ) {}

  send(
    now: number,
    body: string,
    attributes: FairMessage['attributes'],
    { group, delaySeconds }: { readonly group: string; readonly delaySeconds: number },
  ): void {
    this.sent += 1;
    const id = `m${this.sent}`;
    const message: FairMessage = {
      ...{ id, group, body, attributes, receiveCount: 0, untilSeconds: 0 },
      sentAtSeconds: now,
      state: 'visible',
    };
    this.size += 1;
    this.byId.set(id, message);
    if (delaySeconds > 0) this.hide(message, 'delayed', now + delaySeconds);
    else this.show(message);
  }

  /** Once for each second, in turn. */
  pass(second: number): void {
    for (const message of this.waking.get(second) ?? []) {
      if (message.state === 'deleted' || message.state === 'visible' || message.untilSeconds !== second)
        continue;
      if (message.state === 'in_flight') this.countInFlight(message, -1);
      this.show(message);
    }
    this.waking.delete(second);
  }

  receive(now: number, most: number): SQSRecord[] {
    const records: SQSRecord[] = [];
    while (records.length < most && this.inFlight < this.maxInFlight) {
      const message = this.next();
      if (message === undefined) break;
      message.receiveCount += 1;
      this.countInFlight(message, 1);
      this.hide(message, 'in_flight', now + this.visibilityTimeoutSeconds);
      const { id, body, attributes, receiveCount, sentAtSeconds } = message;
      const sentAt = new Date(sentAtSeconds * 1_000);
      records.push(recordOf({ messageId: id, body, attributes, receiveCount, sentAt }));
    }
    return records;
  }

  changeVisibility(id: string, untilSeconds: number): void {
    const message = this.byId.get(id);
    if (message?.state === 'in_flight') this.hide(message, 'in_flight', untilSeconds);
  }

  delete(id: string): void {
    const message = this.byId.get(id);
    if (message === undefined) return;
    if (message.state === 'in_flight') this.countInFlight(message, -1);
    message.state = 'deleted';
    this.byId.delete(id);
    this.size -= 1;
  }

  private show(message: FairMessage): void {
    message.state = 'visible';
    const ofGroup = this.visible.get(message.group) ?? new Line();
    this.visible.set(message.group, ofGroup);
    ofGroup.push(message);
  }

  private hide(message: FairMessage, state: 'delayed' | 'in_flight', until: number): void {
    message.state = state;
    message.untilSeconds = Math.ceil(until);
    const waking = this.waking.get(message.untilSeconds);
    if (waking === undefined) this.waking.set(message.untilSeconds, [message]);
    else waking.push(message);
  }

  /** Of the group that has least in flight, if that is quiet; of noisy ones whichever. */
  private next(): FairMessage | undefined {
    let noisy: Line | undefined;
    for (const [group, line] of this.visible) {
      if (line.length === 0) continue;
      if ((this.inFlightOf.get(group) ?? 0) <= NOISY_SHARE * this.inFlight) return line.shift();
      noisy ??= line;
    }
    return noisy?.shift();
  }

  private countInFlight({ group }: FairMessage, change: 1 | -1): void {
    this.inFlight += change;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    this.inFlightOf.set(group, (this.inFlightOf.get(group) ?? 0) + change);
  }
}
