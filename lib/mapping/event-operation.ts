// The operation of track, page and screen: what people do. Each carries a ULID, because SDKs, SQS and an
// operator's redrive all may send the same event again.

import type { PersonEvent } from '../customerio/operation';
import { dedupeTimeMs } from '../event/event-time';
import { type Fault, typeName } from '../event/fault';
import { toUnixSeconds } from '../event/format-time';
import type { Who } from '../event/who';
import { objectOrEmpty, toAttributes } from './attributes';
import { type NameSource, withWholeName } from './derived-name';
import { anyPerson } from './identity';
import { withRootFields } from './root-fields';
import {
  type MappingInput,
  rejected,
  rejectedFor,
  rejectedWithoutTime,
  skipped,
  type Translation,
  translated,
} from './translation';
import { ulid } from './ulid';

export interface NamedEvent {
  readonly action: PersonEvent['action'];
  /** A fault where the source has too long a name rejected. */
  readonly name: string | Fault;
  /** What the name is made of, where the sender has not chosen it as an event's name. */
  readonly source?: NameSource;
}

export const toEventOperation = (
  { event, settings, timestampMs }: MappingInput,
  who: Who,
  { action, name, source }: NamedEvent,
): Translation => {
  if (who.by === 'anonymous_id' && settings.anonymousEvents === 'skip') return skipped('anonymous_event');
  if (typeof name !== 'string') return rejectedFor(name);
  const { messageId } = event;
  if (timestampMs === undefined) return rejectedWithoutTime();
  if (typeof messageId !== 'string' || messageId === '') {
    return rejected('invalid_event', `messageId: expected a non-empty string, got ${typeName(messageId)}`);
  }
  const properties = withRootFields(objectOrEmpty(event['properties']), event, [name, source?.text]);
  const attributes = toAttributes(properties, settings, 'properties');
  const operation = {
    type: 'person',
    action,
    identifiers: anyPerson(who, settings),
    name,
    id: ulid(messageId, dedupeTimeMs(event, timestampMs)),
    timestamp: toUnixSeconds(timestampMs),
    attributes: source === undefined ? attributes : withWholeName(attributes, source, name),
  } as const;
  return translated(operation, timestampMs);
};
