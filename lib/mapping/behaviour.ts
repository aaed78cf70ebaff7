// track, page and screen -> person/event and person/page: what people do. Each carries a ULID, because SDKs,
// SQS and an operator's redrive all may send the same event again.

import { objectOrEmpty, readText, toAttributes } from './attributes';
import { translateDeviceEvent } from './device';
import { anyPerson, EXPECTED_ID } from './identity';
import { dedupeTimeMs, toUnixSeconds } from './time';
import {
  type Mapper,
  type MappingInput,
  rejected,
  rejectedWithoutTime,
  type Translation,
  translated,
  typeName,
} from './translation';
import { ulid } from './ulid';

/** A device event that cannot become a device operation is an ordinary one: nothing is lost. */
export const translateTrack: Mapper = (input) => {
  const name = readText(input.event['event']);
  if (name === undefined) {
    const got = typeName(input.event['event']);
    return rejected('missing_event_name', `event: expected a string that is not blank, got ${got}`);
  }
  return translateDeviceEvent(input, name) ?? translateBehaviour(input, 'event', name);
};

export const translatePage: Mapper = (input) => translateBehaviour(input, 'page', pageName(input));

export const translateScreen: Mapper = (input) => {
  const { event } = input;
  const name = readText(event['name']) ?? readText(objectOrEmpty(event['properties'])['name']);
  return translateBehaviour(input, 'event', `Viewed ${name ?? 'Undefined'} Screen`);
};

const pageName = ({ event }: MappingInput): string => {
  const properties = objectOrEmpty(event['properties']);
  const page = objectOrEmpty(objectOrEmpty(event['context'])['page']);
  return (
    readText(event['name']) ??
    readText(properties['url']) ??
    readText(page['url']) ??
    readText(properties['path']) ??
    'Page View'
  );
};

const translateBehaviour = (input: MappingInput, action: 'event' | 'page', name: string): Translation => {
  const { event, settings, timestampMs } = input;
  const { messageId } = event;
  const identifiers = anyPerson(event, settings);
  if (identifiers === undefined) return rejectedWithoutPerson(input);
  if (timestampMs === undefined) return rejectedWithoutTime();
  if (typeof messageId !== 'string' || messageId === '') {
    return rejected('invalid_event', `messageId: expected a non-empty string, got ${typeName(messageId)}`);
  }
  const operation = {
    type: 'person',
    action,
    identifiers,
    name,
    id: ulid(messageId, dedupeTimeMs(event, timestampMs)),
    timestamp: toUnixSeconds(timestampMs),
    attributes: toAttributes(event['properties'], settings),
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
