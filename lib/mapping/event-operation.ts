// The operation of track, page and screen: what people do. Each carries a ULID, because SDKs, SQS and an
// operator's redrive all may send the same event again.

import { dedupeTimeMs } from '../event/event-time';
import { toUnixSeconds } from '../event/format-time';
import { toAttributes } from './attributes';
import { type NameSource, withWholeName } from './derived-name';
import { anyPerson, EXPECTED_ID } from './identity';
import {
  type MappingInput,
  rejected,
  rejectedWithoutTime,
  type Translation,
  translated,
  typeName,
} from './translation';
import { ulid } from './ulid';

/** `source`: what the name is made of, where the sender has not chosen it as an event's name. */
export const toEventOperation = (
  input: MappingInput,
  action: 'event' | 'page',
  name: string,
  source?: NameSource,
): Translation => {
  const { event, settings, timestampMs } = input;
  const { messageId } = event;
  const identifiers = anyPerson(event, settings);
  if (identifiers === undefined) return rejectedWithoutPerson(input);
  if (timestampMs === undefined) return rejectedWithoutTime();
  if (typeof messageId !== 'string' || messageId === '') {
    return rejected('invalid_event', `messageId: expected a non-empty string, got ${typeName(messageId)}`);
  }
  const attributes = toAttributes(event['properties'], settings);
  const operation = {
    type: 'person',
    action,
    identifiers,
    name,
    id: ulid(messageId, dedupeTimeMs(event, timestampMs)),
    timestamp: toUnixSeconds(timestampMs),
    attributes: source === undefined ? attributes : withWholeName(attributes, source, name),
  } as const;
  return translated(operation, timestampMs);
};

const rejectedWithoutPerson = ({ settings }: MappingInput): Translation =>
  rejected(
    'missing_identifier',
    settings.workspaceIdentifiers === 'id'
      ? `userId or anonymousId: expected ${EXPECTED_ID}; this workspace knows people by id alone`
      : `userId or anonymousId: expected ${EXPECTED_ID}, or else an email in traits or context.traits`,
  );
