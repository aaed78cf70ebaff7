// One event of a message on its way through an invocation, and what has become of it so far.

import type { Source } from '../config';
import type { Reason } from '../errors';
import type { Message } from '../queue/message';
import type { QueuedEvent } from '../segment/event';
import type { RetryDelay } from './retry-policy';

export type EventOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'dead_lettered'; readonly reason: Reason; readonly detail: string }
  | { readonly kind: 'retried'; readonly delay: RetryDelay };

export interface EventInFlight {
  readonly message: Message;
  readonly queued: QueuedEvent;
  /** Undefined when the message names a source that is not configured. */
  readonly source: Source | undefined;
  /** Undefined until something has become of it; still undefined at the end, it is retried. */
  outcome: EventOutcome | undefined;
}

/** The events of a message. A body that is no JSON is one event too, already dead-lettered. */
export const takeApart = (message: Message, sources: readonly Source[]): EventInFlight[] => {
  const source =
    message.sourceName === undefined ? sources[0] : sources.find(({ name }) => name === message.sourceName);
  const outcome = outcomeByMessage(message, source);
  return eventsOf(message).map((queued) => ({ message, queued, source, outcome }));
};

const eventsOf = ({ events, body, sqsMessageId }: Message): readonly QueuedEvent[] =>
  events ?? [{ raw: body, event: undefined, messageId: `${sqsMessageId}-0`, timestampStandIn: undefined }];

const outcomeByMessage = (message: Message, source: Source | undefined): EventOutcome | undefined => {
  if (message.events === undefined) {
    return { kind: 'dead_lettered', reason: 'invalid_json', detail: 'the message body is not JSON' };
  }
  if (source === undefined) {
    const detail = 'the message attribute `source` names no source of the settings';
    return { kind: 'dead_lettered', reason: 'unknown_source', detail };
  }
  return undefined;
};
