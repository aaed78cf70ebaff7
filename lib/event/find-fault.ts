// What makes an event one that can never work, whatever the settings: the one definition of it at the door.
// What depends on the workspace's settings or on Customer.io's limits is the mapping's to decide.

import type { Reason } from '../errors';
import { isObject, type JsonObject } from '../json/json-object';
import { EVENT_TYPES, type EventType, ID_FIELDS, type IdField } from './event';

export interface Fault {
  readonly reason: Reason;
  readonly detail: string;
}

export const findFault = (event: JsonObject, type: EventType): Fault | undefined => {
  const inexact = ID_FIELDS.find((field) => isInexact(event[field]));
  if (inexact !== undefined) return inexactId(inexact);
  if (!hasIdentifier(event, type)) return { reason: 'missing_identifier', detail: NO_IDENTIFIER };
  return type === 'track' ? findNameFault(event['event']) : undefined;
};

export const UNKNOWN_TYPE: Fault = {
  reason: 'invalid_event',
  detail: `type: expected one of ${EVENT_TYPES.join(', ')}`,
};

const inexactId = (field: IdField): Fault => ({
  reason: 'invalid_event',
  detail: `${field}: a number too large to be exact; send it as a string`,
});

const NO_IDENTIFIER = 'userId: the event has none, and no anonymousId or email';

/** The event's own type, else what the path says; very old SDKs call it `action`. */
export const typeOf = (event: JsonObject, pathType: EventType | undefined): EventType | undefined => {
  const type = event['type'];
  if (type !== undefined && type !== null && type !== '') return knownType(type);
  return pathType ?? knownType(event['action']);
};

const KNOWN_TYPES: ReadonlyMap<unknown, EventType> = new Map(EVENT_TYPES.map((type) => [type, type]));

const knownType = (type: unknown): EventType | undefined => KNOWN_TYPES.get(type);

/** Its last digits are lost: two people with such ids would become one. */
const isInexact = (id: unknown): boolean =>
  typeof id === 'number' && !(Math.abs(id) <= Number.MAX_SAFE_INTEGER);

const hasIdentifier = (event: JsonObject, type: EventType): boolean => {
  if (isId(event['userId']) || isId(event['anonymousId'])) return true;
  if (type === 'alias') return isId(event['previousId']);
  if (type === 'group') return isId(event['groupId']);
  return hasEmail(event['traits']) || (isObject(event['context']) && hasEmail(event['context']['traits']));
};

const isId = (value: unknown): boolean =>
  typeof value === 'string' ? value.trim() !== '' : typeof value === 'number';

const hasEmail = (traits: unknown): boolean =>
  isObject(traits) && typeof traits['email'] === 'string' && traits['email'] !== '';

const findNameFault = (name: unknown): Fault | undefined =>
  typeof name === 'string' && name.trim() !== ''
    ? undefined
    : { reason: 'missing_event_name', detail: 'event: expected a name, a string that is not blank' };
