// What AWS services put around a message on its way to the queue: SNS (unless it delivers raw) and EventBridge, or
// one in the other when a rule of EventBridge feeds a topic. An event that happens to have the same fields is not
// wrapped: it has a `type`.

import { isObject, type JsonObject } from '../json/json-object';
import { memberText } from '../json/slices';
import { batchIn, isEvent } from './batch';

export interface Wrapping {
  /** What is inside, as text: an event, several, or what was meant to be one. */
  readonly content: string;
  /** The service's own id of it: the same when the service delivers it twice, which SQS's is not. */
  readonly id: string | undefined;
  /** When the service took it, in a form that `parseTime` reads. */
  readonly time: string | undefined;
  /** The source that an SNS message attribute names. */
  readonly sourceName: string | undefined;
}

/** Undefined for a body that no service has wrapped. */
export const openWrapping = (body: string): Wrapping | undefined => {
  const notification = openNotification(body);
  if (notification === undefined) return openBusEvent(body);
  const inner = openBusEvent(notification.content);
  return inner === undefined ? notification : { ...inner, sourceName: notification.sourceName };
};

const openNotification = (body: string): Wrapping | undefined => {
  const envelope = parseEnvelope(body, '"TopicArn"');
  if (envelope?.['Type'] !== 'Notification') return undefined;
  const { Message, MessageId, Timestamp, MessageAttributes } = envelope;
  if (typeof Message !== 'string') return undefined;
  const source = isObject(MessageAttributes) ? MessageAttributes['source'] : undefined;
  const sourceName = isObject(source) ? textOf(source['Value']) : undefined;
  return { content: Message, id: textOf(MessageId), time: textOf(Timestamp), sourceName };
};

/** The two fields are enough: a rule's input transformer may have left nothing else. */
const openBusEvent = (body: string): Wrapping | undefined => {
  const envelope = parseEnvelope(body, '"detail-type"');
  if (envelope?.['detail-type'] === undefined || !isObject(envelope['detail'])) return undefined;
  const content = memberText(body, 'detail') ?? '';
  return { content, id: textOf(envelope['id']), time: textOf(envelope['time']), sourceName: undefined };
};

/** Looks at the text first, so that no other body is parsed twice, and what the doors write is not even searched. */
const parseEnvelope = (body: string, field: string): JsonObject | undefined => {
  if (BATCH_START.test(body) || !body.includes(field)) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) && !isEvent(parsed) && batchIn(parsed) === undefined ? parsed : undefined;
  } catch {
    return undefined;
  }
};

const BATCH_START = /^(?:\[|\{"batch":\[)/;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
