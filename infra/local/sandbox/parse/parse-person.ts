// Operations of `type: person`, one parser an action. A parser answers undefined when an identifier or a
// required field is missing; any other problem it only reports.

import { MAX_ATTRIBUTE_VALUE_BYTES, MAX_ID_BYTES } from '../../../../lib/customerio/limits';
import { isObject, type JsonObject } from '../../../../lib/json/json-object';
import {
  ADDRESSED_PERSON,
  ANY_PERSON,
  KNOWN_PERSON,
  type Parser,
  type ParseSettings,
  readAttributes,
  readName,
  readObject,
  readObjectRef,
  readPerson,
  readRelationships,
  readText,
  readTimestamp,
  readUlid,
} from './parse-fields';
import type {
  ParsedAddDevice,
  ParsedDeleteDevice,
  ParsedEvent,
  ParsedIdentify,
  ParsedMerge,
  ParsedObjectRelationship,
  ParsedPersonOperation,
  ParsedRelatePerson,
  ParsedRemovePerson,
  PersonRef,
} from './parsed-operation';
import type { Problems } from './problems';

/**
 * All that the description has. Web push (docs.customer.io/messaging/channels/web-push) is in alpha, and its
 * browsers come from Customer.io's own JavaScript alone: no page of the Track API names a platform for them.
 */
const PLATFORMS: readonly unknown[] = ['ios', 'android'];
/**
 * Fields of the device itself. That Customer.io refuses `token` among its attributes, and in which words, is known
 * from customerio-android, pull request 481; that it refuses the others so is inferred from the words.
 */
const DEVICE_FIELDS: readonly string[] = ['token', 'id', 'platform', 'last_used'];
const PUSH_ENABLED: readonly unknown[] = ['true', 'false'];

const identify: Parser<ParsedIdentify> = (candidate, settings, problems) => {
  const person = readAddressedPerson(candidate, settings, problems);
  const timestamp = readTimestamp(candidate['timestamp'], 'timestamp', problems);
  const { _update: update, ...attributes } = readAttributes(candidate['attributes'], 'attributes', problems);
  if (update !== undefined && typeof update !== 'boolean') {
    problems.add('invalid', 'attributes._update', 'attributes._update must be true or false');
  }
  const relationships = readObjects(candidate, false, problems);
  if (person === undefined) return undefined;
  checkId(person, attributes['id'], problems);
  return { kind: 'identify', person, timestamp, attributes, updateOnly: update === true, relationships };
};

/**
 * An id among the attributes is as short as any. It is not changed by addressing the person with it; Customer.io
 * refuses the attempt in these words.
 */
const checkId = (person: PersonRef, id: unknown, problems: Problems): void => {
  const field = 'attributes.id';
  if (person.by !== 'id') {
    if (typeof id === 'string' && id !== '') readText(id, field, MAX_ID_BYTES, problems);
  } else if (id !== undefined && String(id) !== person.value) {
    problems.add('invalid', field, 'id attribute and identifier are not the same value');
  }
};

const event =
  (kind: ParsedEvent['kind']): Parser<ParsedEvent> =>
  (candidate, settings, problems) => {
    const person = readPerson(candidate['identifiers'], 'identifiers', ANY_PERSON, settings, problems);
    const name = readName(candidate['name'], problems);
    const id = readUlid(candidate['id'], problems);
    const timestamp = readTimestamp(candidate['timestamp'], 'timestamp', problems);
    const attributes = readObject(candidate['attributes'], 'attributes', problems);
    if (person === undefined || name === undefined) return undefined;
    return { kind, person, name, id, timestamp, attributes };
  };

const addDevice: Parser<ParsedAddDevice> = (candidate, settings, problems) => {
  const person = readAddressedPerson(candidate, settings, problems);
  const device = readDevice(candidate, problems);
  if (device === undefined) return undefined;
  const token = readToken(device, problems);
  const platform = readPlatform(device, problems);
  const lastUsed = readTimestamp(device['last_used'], 'device.last_used', problems);
  const attributes = readDeviceAttributes(device['attributes'], problems);
  if (person === undefined || token === undefined || platform === undefined) return undefined;
  return { kind: 'add_device', person, token, platform, lastUsed, attributes };
};

const readPlatform = ({ platform }: JsonObject, problems: Problems): string | undefined => {
  const field = 'device.platform';
  const text = readText(platform, field, MAX_ATTRIBUTE_VALUE_BYTES, problems);
  if (text === undefined || PLATFORMS.includes(text)) return text;
  return problems.add('invalid', field, `${field} must be ios or android`);
};

const readDeviceAttributes = (value: unknown, problems: Problems): JsonObject => {
  const attributes = readAttributes(value, 'device.attributes', problems);
  for (const [name, attribute] of Object.entries(attributes)) {
    const field = `device.attributes.${name}`;
    if (DEVICE_FIELDS.includes(name)) {
      problems.add('invalid', field, 'must be in the top-level device object');
    }
    if (typeof attribute === 'string') continue;
    problems.add('invalid', field, `${field} must be a string`);
  }
  const pushEnabled = attributes['push_enabled'];
  if (pushEnabled !== undefined && !PUSH_ENABLED.includes(pushEnabled)) {
    const field = 'device.attributes.push_enabled';
    problems.add('invalid', field, `${field} must be "true" or "false"`);
  }
  return attributes;
};

const deleteDevice: Parser<ParsedDeleteDevice> = (candidate, settings, problems) => {
  const person = readAddressedPerson(candidate, settings, problems);
  const device = readDevice(candidate, problems);
  const token = device === undefined ? undefined : readToken(device, problems);
  if (person === undefined || token === undefined) return undefined;
  return { kind: 'delete_device', person, token };
};

const readDevice = ({ device }: JsonObject, problems: Problems): JsonObject | undefined =>
  isObject(device) ? device : problems.add('required', 'device', 'device must be an object');

const readToken = (device: JsonObject, problems: Problems): string | undefined =>
  readText(device['token'], 'device.token', MAX_ATTRIBUTE_VALUE_BYTES, problems);

const merge: Parser<ParsedMerge> = ({ primary, secondary }, settings, problems) => {
  const survivor = readPerson(primary, 'primary', KNOWN_PERSON, settings, problems);
  const merged = readPerson(secondary, 'secondary', KNOWN_PERSON, settings, problems);
  if (survivor === undefined || merged === undefined) return undefined;
  return { kind: 'merge', primary: survivor, secondary: merged };
};

const remove =
  (kind: ParsedRemovePerson['kind']): Parser<ParsedRemovePerson> =>
  (candidate, settings, problems) => {
    const person = readAddressedPerson(candidate, settings, problems);
    return person === undefined ? undefined : { kind, person };
  };

const relate =
  (kind: ParsedRelatePerson['kind']): Parser<ParsedRelatePerson> =>
  (candidate, settings, problems) => {
    const person = readAddressedPerson(candidate, settings, problems);
    const relationships = readObjects(candidate, true, problems);
    return person === undefined ? undefined : { kind, person, relationships };
  };

const readAddressedPerson = (
  candidate: JsonObject,
  settings: ParseSettings,
  problems: Problems,
): PersonRef | undefined =>
  readPerson(candidate['identifiers'], 'identifiers', ADDRESSED_PERSON, settings, problems);

const readObjects = (
  { cio_relationships: value }: JsonObject,
  isRequired: boolean,
  problems: Problems,
): ParsedObjectRelationship[] => {
  if (value === undefined && !isRequired) return [];
  const readEnd = (identifiers: unknown, field: string) => readObjectRef(identifiers, field, problems);
  return readRelationships(value, readEnd, problems).map(({ end, attributes }) => ({
    object: end,
    attributes,
  }));
};

export const PERSON_PARSERS: ReadonlyMap<string, Parser<ParsedPersonOperation>> = new Map<
  string,
  Parser<ParsedPersonOperation>
>([
  ['identify', identify],
  ['event', event('event')],
  ['page', event('page')],
  ['screen', event('screen')],
  // Not in the description; Segment's own destination sends both for `Report Content Event`.
  ['viewed_content', event('viewed_content')],
  ['clicked_content', event('clicked_content')],
  ['add_device', addDevice],
  ['delete_device', deleteDevice],
  ['merge', merge],
  ['delete', remove('delete')],
  ['suppress', remove('suppress')],
  ['unsuppress', remove('unsuppress')],
  ['add_relationships', relate('add_relationships')],
  ['delete_relationships', relate('delete_relationships')],
]);
