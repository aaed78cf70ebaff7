// What a body holds besides its events. Only the outer shape is decided here; an event of a wrong shape is
// the event's own fault and costs its neighbours nothing, so the events stay unread.

import { type Refusal, refuse } from '../http/refusal';
import { isObject, type JsonObject } from '../json/json-object';
import { MAX_BATCH_EVENTS } from './request-limits';
import type { BodyRoute } from './routes';

export interface Envelope {
  readonly events: readonly unknown[];
  /** What stands where SDKs put their write key, first to last; unchecked. */
  readonly writeKeys: readonly unknown[];
  /** As sent, unchecked. */
  readonly sentAt: unknown;
  /** Shared by all events of the batch. */
  readonly context: JsonObject | undefined;
  readonly integrations: JsonObject | undefined;
}

export const parseEnvelope = (text: string, route: BodyRoute): Envelope | Refusal => {
  if (text === '') return refuse('malformed_json', 'The body is empty. Send JSON.');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return refuse('malformed_json', `The body is not valid JSON${positionIn(error)}.`);
  }
  if (route.kind === 'batch') return readBatch(body);
  return isObject(body)
    ? readEvent(body)
    : refuse('malformed_json', 'The body must be a JSON object: the event.');
};

/** Only the position: the rest of V8's message quotes the body. */
const positionIn = (error: unknown): string => {
  const position = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined;
  return position === undefined ? '' : ` (${position})`;
};

const readEvent = (event: JsonObject): Envelope => ({
  events: [event],
  writeKeys: [event['writeKey']],
  sentAt: undefined,
  context: undefined,
  integrations: undefined,
});

const readBatch = (body: unknown): Envelope | Refusal => {
  if (!isObject(body) || !Array.isArray(body['batch'])) {
    return refuse('malformed_json', 'The body must be a JSON object with an array `batch`.');
  }
  const { batch, writeKey, sentAt, context, integrations } = body;
  const events: readonly unknown[] = batch;
  if (events.length > MAX_BATCH_EVENTS) {
    return refuse(
      'payload_too_large',
      `The batch has more than ${MAX_BATCH_EVENTS} events. Send fewer at once.`,
    );
  }
  return {
    events,
    writeKeys: isObject(events[0]) ? [writeKey, events[0]['writeKey']] : [writeKey],
    sentAt,
    context: isObject(context) ? context : undefined,
    integrations: isObject(integrations) ? integrations : undefined,
  };
};
