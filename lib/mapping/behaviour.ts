// track, page and screen -> person/event and person/page: what people do. Each carries a ULID, because SDKs,
// SQS and an operator's redrive all may send the same event again.

import { objectOrEmpty, readText, toAttributes } from './attributes';
import { maxNameBytes, type NameSource, shortenName, withWholeName } from './derived-name';
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

export const translatePage: Mapper = (input) => {
  const source = pageName(input);
  if (source === undefined) return translateBehaviour(input, 'page', 'Page View');
  return translateBehaviour(input, 'page', shortenName(source), source);
};

export const translateScreen: Mapper = (input) => {
  const { event } = input;
  const text = readText(event['name']) ?? readText(objectOrEmpty(event['properties'])['name']);
  if (text === undefined) return translateBehaviour(input, 'event', screenName('Undefined'));
  const source = { attribute: 'name', text } as const;
  const name = screenName(shortenName(source, maxNameBytes(screenName(''))));
  return translateBehaviour(input, 'event', name, source);
};

const screenName = (name: string): string => `Viewed ${name} Screen`;

const pageName = ({ event }: MappingInput): NameSource | undefined => {
  const properties = objectOrEmpty(event['properties']);
  const page = objectOrEmpty(objectOrEmpty(event['context'])['page']);
  return (
    nameFrom('name', event['name']) ??
    nameFrom('url', properties['url']) ??
    nameFrom('url', page['url']) ??
    nameFrom('path', properties['path'])
  );
};

const nameFrom = (attribute: NameSource['attribute'], value: unknown): NameSource | undefined => {
  const text = readText(value);
  return text === undefined ? undefined : { attribute, text };
};

/** `source`: what the name is made of, where the sender has not chosen it as an event's name. */
const translateBehaviour = (
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
