// The application lifecycle events of mobile SDKs -> person/add_device and person/delete_device. They become
// such only for a known person with a token, to be added on ios or android; the caller turns all others into
// ordinary events.

import type { AddDevice, AddressedPersonIdentifiers } from '../customerio/operation';
import { toUnixSeconds } from '../event/format-time';
import type { Who } from '../event/who';
import type { JsonObject } from '../json/json-object';
import { isDeeperThan } from '../json/write-json';
import { objectOrEmpty, readText, toAttributes } from './attributes';
import { MAX_NESTING } from './convert-dates';
import { knownPerson } from './identity';
import { withRootFields } from './root-fields';
import { type MappingInput, type Translation, translated } from './translation';

type Platform = AddDevice['device']['platform'];

const DELETING_EVENT = 'Application Uninstalled';
const DEVICE_EVENTS: ReadonlySet<string> = new Set([
  'Application Installed',
  'Application Opened',
  DELETING_EVENT,
]);

/** Customer.io knows two platforms; all that Apple makes gets its push messages as `ios`. */
const PLATFORMS: ReadonlyMap<string, Platform> = new Map([
  ['android', 'android'],
  ...['ios', 'iphone', 'iphoneos', 'ipad', 'ipados', 'tvos', 'watchos', 'visionos', 'macos'].map(
    (name): [string, Platform] => [name, 'ios'],
  ),
]);

/** A device and the person who has it. */
interface Owned {
  readonly identifiers: AddressedPersonIdentifiers;
  readonly token: string;
  readonly context: JsonObject;
}

/** Undefined for what is not, or cannot become, a device operation. */
export const translateDeviceEvent = (
  input: MappingInput,
  who: Who,
  name: string,
): Translation | undefined => {
  const owned = DEVICE_EVENTS.has(name) ? readDevice(input, who) : undefined;
  if (owned === undefined) return undefined;
  return name === DELETING_EVENT ? deleteDevice(owned, input) : addDevice(owned, input);
};

const readDevice = ({ event, settings }: MappingInput, who: Who): Owned | undefined => {
  if (who.by === 'anonymous_id') return undefined;
  const context = objectOrEmpty(event['context']);
  const token = readText(objectOrEmpty(context['device'])['token']);
  return token === undefined ? undefined : { identifiers: knownPerson(who, settings), token, context };
};

/** Whatever platform it was on: a token that Customer.io goes on sending to is worse than one it does not know. */
const deleteDevice = ({ identifiers, token }: Owned, { timestampMs }: MappingInput): Translation =>
  translated({ type: 'person', action: 'delete_device', identifiers, device: { token } }, timestampMs);

const addDevice = (owned: Owned, input: MappingInput): Translation | undefined => {
  const { identifiers, token, context } = owned;
  const { timestampMs } = input;
  const platform = platformOf(context);
  if (platform === undefined) return undefined;
  const attributes = deviceAttributes(input, context);
  if (timestampMs === undefined || attributes === undefined || !isPushState(attributes)) return undefined;
  const device = { token, platform, last_used: toUnixSeconds(timestampMs), attributes };
  return translated({ type: 'person', action: 'add_device', identifiers, device }, timestampMs);
};

/** The one attribute that Customer.io reads: it takes two words for it and refuses the device for any other. */
const isPushState = ({ push_enabled: state = 'true' }: Readonly<Record<string, string>>): boolean =>
  state === 'true' || state === 'false';

const platformOf = (context: JsonObject): Platform | undefined =>
  findPlatform(objectOrEmpty(context['device'])['type']) ??
  findPlatform(objectOrEmpty(context['os'])['name']);

const findPlatform = (value: unknown): Platform | undefined => {
  const name = readText(value);
  return name === undefined ? undefined : PLATFORMS.get(name.toLowerCase());
};

/**
 * Fields of the device itself: among its attributes Customer.io refuses the device for them. The context says what
 * they are, so that a property of such a name is dropped, here alone.
 */
const DEVICE_FIELDS: ReadonlySet<string> = new Set(['token', 'id', 'platform', 'last_used']);

/** Customer.io takes text alone. What the app says itself in its properties wins over what its SDK adds. */
const deviceAttributes = (input: MappingInput, context: JsonObject): Record<string, string> | undefined => {
  const { event, settings } = input;
  const own = withRootFields(objectOrEmpty(event['properties']), event, [readText(event['event'])]);
  const properties = toAttributes(own, settings, 'properties');
  if (isDeeperThan(properties, MAX_NESTING)) return undefined;
  const entries = Object.entries({ ...contextAttributes(context), ...properties });
  return Object.fromEntries(
    entries
      .filter(([key, value]) => value !== undefined && !DEVICE_FIELDS.has(key))
      .map(([key, value]) => [key, asText(value)]),
  );
};

const contextAttributes = (context: JsonObject): Record<string, string | undefined> => {
  const os = objectOrEmpty(context['os']);
  const osNameAndVersion = [readText(os['name']), readText(os['version'])].filter(Boolean).join(' ');
  return {
    device_os: osNameAndVersion || undefined,
    device_model: readText(objectOrEmpty(context['device'])['model']),
    app_version: readText(objectOrEmpty(context['app'])['version']),
    device_locale: readText(context['locale']),
  };
};

/** Empty text removes an attribute, as null does elsewhere. */
const asText = (value: unknown): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
