// What makes an event one that can never be delivered: the one definition of it, for both ways in and both ways
// out. The mapping asks the same functions, so that what a door takes, it does not reject for these reasons.

import type { JsonObject } from '../json/json-object';
import { EVENT_TYPES, type EventType } from './event';
import { type Fault, isFault, typeName } from './fault';
import { findAliased, findAnyone, findGroup, findKnown, type IdentitySettings } from './who';

/** `type` is the event's own, or what the path it came by says. */
export const findFault = (
  event: JsonObject,
  type: EventType,
  settings: IdentitySettings,
): Fault | undefined => {
  const who = FIND_WHO[type](event, settings);
  if (isFault(who)) return who;
  return type === 'track' ? findNameFault(event['event']) : undefined;
};

const FIND_WHO: Readonly<
  Record<EventType, (event: JsonObject, settings: IdentitySettings) => object | Fault>
> = {
  identify: findKnown,
  track: findAnyone,
  page: findAnyone,
  screen: findAnyone,
  group: findGroup,
  alias: findAliased,
};

export const UNKNOWN_TYPE: Fault = {
  reason: 'invalid_event',
  detail: `type: expected one of ${EVENT_TYPES.join(', ')}`,
};

/** The event's own type, else what the path says; very old SDKs call it `action`. */
export const typeOf = (event: JsonObject, pathType: EventType | undefined): EventType | undefined => {
  const type = event['type'];
  if (type !== undefined && type !== null && type !== '') return knownType(type);
  return pathType ?? knownType(event['action']);
};

const KNOWN_TYPES: ReadonlyMap<unknown, EventType> = new Map(EVENT_TYPES.map((type) => [type, type]));

const knownType = (type: unknown): EventType | undefined => KNOWN_TYPES.get(type);

const findNameFault = (name: unknown): Fault | undefined =>
  typeof name === 'string' && name.trim() !== '' ? undefined : missingEventName(name);

export const missingEventName = (name: unknown): Fault => ({
  reason: 'missing_event_name',
  detail: `event: expected a string that is not blank, got ${typeName(name)}`,
});
