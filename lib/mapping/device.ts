// A device and its push token -> person/add_device and person/delete_device. They need a known person with a token,
// to be added on ios or android; the callers turn all others into ordinary events.

import type { AddDevice } from '../customerio/operation';
import { toUnixSeconds } from '../event/format-time';
import { type IdSettings, isIllegalId } from '../event/ids';
import type { KnownWho } from '../event/who';
import { type JsonObject, MAX_NESTING } from '../json/json-object';
import { isDeeperThan } from '../json/write-json';
import { objectOrEmpty, readScalar, readText, toAttributes } from './attributes';
import { knownPerson } from './identity';
import { withRootFields } from './root-fields';
import { type MappingInput, type Translation, translated } from './translation';

type Platform = AddDevice['device']['platform'];

/** Customer.io knows two platforms; all that Apple makes gets its push messages as `ios`. */
const PLATFORMS: ReadonlyMap<string, Platform> = new Map([
  ['android', 'android'],
  ...['ios', 'iphone', 'iphoneos', 'ipad', 'ipados', 'tvos', 'watchos', 'visionos', 'macos'].map(
    (name): [string, Platform] => [name, 'ios'],
  ),
]);

/** A push token, and what the event says of the device that has it. */
export interface Device {
  readonly token: string;
  /** `context.device` or `properties.device`. */
  readonly fields: JsonObject;
  /** Whether the sender has put it among the properties, which are then no longer its own. */
  readonly isProperty: boolean;
}

/** Segment's and Customer.io's SDKs have it in the context; Customer.io's JavaScript example among the properties. */
export const findDevice = (event: JsonObject): Device | undefined =>
  contextDevice(event) ?? readDevice(objectOrEmpty(event['properties'])['device'], true);

export const contextDevice = (event: JsonObject): Device | undefined =>
  readDevice(objectOrEmpty(event['context'])['device'], false);

/** A token that a bug has made (`undefined`, `(null)`) is none: all who have the bug would have one device. */
const readDevice = (value: unknown, isProperty: boolean): Device | undefined => {
  const fields = objectOrEmpty(value);
  const token = readText(fields['token']);
  return token === undefined || isIllegalId(token, NO_EXCEPTIONS) ? undefined : { token, fields, isProperty };
};

const NO_EXCEPTIONS: IdSettings = {};

/** Whatever platform it was on: a token that Customer.io goes on sending to is worse than one it does not know. */
export const deleteDevice = (
  { event, settings, timestampMs }: MappingInput,
  who: KnownWho,
): Translation | undefined => {
  const token = findDevice(event)?.token;
  if (token === undefined) return undefined;
  const identifiers = knownPerson(who, settings);
  return translated({ type: 'person', action: 'delete_device', identifiers, device: { token } }, timestampMs);
};

/** From an event that speaks of the device alone: its properties are the device's. */
export const addDevice = (input: MappingInput, who: KnownWho): Translation | undefined => {
  const device = findDevice(input.event);
  if (device === undefined) return undefined;
  const properties = deviceProperties(input, device);
  const person = knownPerson(who, input.settings);
  const operation = properties && toAddDevice(input, person, device, properties);
  return operation && translated(operation, input.timestampMs);
};

/**
 * @param properties what the app says of the device itself; it wins over what its SDK adds.
 * @returns undefined for a device that Customer.io would refuse.
 */
export const toAddDevice = (
  { event, timestampMs }: MappingInput,
  identifiers: AddDevice['identifiers'],
  device: Device,
  properties: JsonObject = {},
): AddDevice | undefined => {
  const platform = platformOf(device.fields, objectOrEmpty(event['context']));
  const attributes = toText({ ...contextAttributes(event, device), ...properties });
  if (platform === undefined || timestampMs === undefined || !isPushState(attributes)) return undefined;
  const { token } = device;
  const last_used = toUnixSeconds(timestampMs);
  return {
    type: 'person',
    action: 'add_device',
    identifiers,
    device: { token, platform, last_used, attributes },
  };
};

/** The one attribute that Customer.io reads: it takes two words for it and refuses the device for any other. */
const PUSH_STATE = 'push_enabled';

const isPushState = ({ [PUSH_STATE]: state = 'true' }: Readonly<Record<string, string>>): boolean =>
  state === 'true' || state === 'false';

/**
 * A browser's token is an address of its maker's push service. The Track API has no platform for it, whatever system
 * the browser runs on.
 */
const WEB = 'web';

const platformOf = ({ type }: JsonObject, context: JsonObject): Platform | undefined =>
  readText(type)?.toLowerCase() === WEB
    ? undefined
    : (findPlatform(type) ?? findPlatform(objectOrEmpty(context['os'])['name']));

/** `iPhone OS` and `iPhoneOS` are one: the first is what Segment's description has. */
const findPlatform = (value: unknown): Platform | undefined => {
  const name = readText(value);
  return name === undefined ? undefined : PLATFORMS.get(name.toLowerCase().replaceAll(' ', ''));
};

/**
 * Fields of the device itself: among its attributes Customer.io refuses the device for them. The context says what
 * they are, so that a property of such a name is dropped, here alone.
 */
const DEVICE_FIELDS: ReadonlySet<string> = new Set(['token', 'id', 'platform', 'last_used']);

/** The properties of the device; undefined for what is nested too deep to be text. */
const deviceProperties = (input: MappingInput, device: Device): JsonObject | undefined => {
  const { event, settings } = input;
  const own = withRootFields(ownProperties(event, device), event, [readText(event['event'])]);
  const properties = toAttributes(own, settings, 'properties');
  return isDeeperThan(properties, MAX_NESTING) ? undefined : properties;
};

/** Where the device is a property, what it says of itself beside its token stands among the others. */
const ownProperties = (event: JsonObject, { fields, isProperty }: Device): JsonObject => {
  const properties = objectOrEmpty(event['properties']);
  if (!isProperty) return properties;
  const { device: _, ...others } = properties;
  const { type, model, ...rest } = fields;
  return { ...rest, ...others };
};

/** Customer.io takes text alone. A push state that says nothing is none. */
const toText = (attributes: JsonObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([key, value]) => value !== undefined && !DEVICE_FIELDS.has(key))
      .map(([key, value]): [string, string] => [key, asText(value)])
      .filter(([key, text]) => key !== PUSH_STATE || text !== ''),
  );

const contextAttributes = (event: JsonObject, { fields }: Device): Record<string, string | undefined> => {
  const context = objectOrEmpty(event['context']);
  const os = objectOrEmpty(context['os']);
  const osNameAndVersion = [readText(os['name']), readScalar(os['version'])].filter(Boolean).join(' ');
  return {
    device_os: osNameAndVersion || undefined,
    device_model: readScalar(fields['model']) ?? readScalar(objectOrEmpty(context['device'])['model']),
    app_version: readScalar(objectOrEmpty(context['app'])['version']),
    device_locale: readText(context['locale']),
  };
};

/** Empty text removes an attribute, as null does elsewhere. */
const asText = (value: unknown): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
