// identify -> person/identify. Sent with the event's time, so that Customer.io keeps the newest value of each
// attribute whatever order the operations arrive in.

import type { AddressedPersonIdentifiers, IdentifyPerson, ObjectRelationship } from '../customerio/operation';
import { isEmptyCreatedAt as isEmpty, parseCreatedAt } from '../event/created-at';
import { readEmail } from '../event/email';
import { isFault } from '../event/fault';
import { toUnixSeconds } from '../event/format-time';
import { readAnonymousId } from '../event/ids';
import { contextTraits, findKnown } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectOrEmpty, toAttributes } from './attributes';
import { asUpdate } from './create-people';
import { flattenAddress } from './flatten-address';
import { knownPerson } from './identity';
import { findObject, objectIdOfTraits, relationshipAttributes } from './object';
import { withRootFields } from './root-fields';
import { type Mapper, type MappingInput, rejectedFor, rejectedWithoutTime, translated } from './translation';
import { withoutBugs } from './without-bugs';

/** One attribute by the names senders use; Customer.io reserves the first. */
const CREATED_AT_NAMES = ['created_at', 'createdAt', 'created'] as const;

export const translateIdentify: Mapper = (input) => {
  const { event, settings, timestampMs } = input;
  const who = findKnown(event, settings);
  if (isFault(who)) return rejectedFor(who);
  const identifiers = knownPerson(who, settings);
  if (timestampMs === undefined) return rejectedWithoutTime();
  const given = traitsOf(event);
  const related = findRelationship(given, input);
  const traits = withRootFields(related === undefined ? given : withoutObject(given), event);
  const operation: IdentifyPerson = {
    type: 'person',
    action: 'identify',
    identifiers,
    timestamp: toUnixSeconds(timestampMs),
    attributes: personAttributes(traits, input, identifiers),
    ...(related === undefined ? {} : { cio_relationships: [related] }),
  };
  return translated(operation, timestampMs);
};

/** SDKs that keep traits in the context send none beside it. */
const traitsOf = (event: JsonObject): JsonObject =>
  objectOrEmpty(isObject(event['traits']) ? event['traits'] : contextTraits(event));

/** The relationship to the object that the traits or the context name. */
const findRelationship = (
  traits: JsonObject,
  { event, settings }: MappingInput,
): ObjectRelationship | undefined => {
  if (settings.groups === 'person_attributes') return undefined;
  const identifiers = findObject(objectIdOfTraits(traits), traits, event, settings);
  return identifiers && { identifiers, ...relationshipAttributes(traits, settings) };
};

/** What names the object and describes the relationship is none of the person's. */
const withoutObject = (traits: JsonObject): JsonObject => {
  const { objectId, objectTypeId, object_type_id, relationshipAttributes: _, ...others } = traits;
  return others;
};

const personAttributes = (
  traits: JsonObject,
  { event, settings }: MappingInput,
  identifiers: AddressedPersonIdentifiers,
): JsonObject => {
  const converted = toAttributes(traits, settings, 'traits');
  const attributes = withTrimmedEmail(settings.flattenAddress ? flattenAddress(converted) : converted);
  const anonymousId = readAnonymousId(event, settings);
  const own = withoutBugs(attributes, settings);
  const named = withoutRepeatedId(withAnonymousId(own, anonymousId), identifiers);
  return asUpdate(withCreatedAt(named, traits), settings);
};

/** The email as it identifies the person: with blanks around it, it would be another address. */
const withTrimmedEmail = (attributes: JsonObject): JsonObject => {
  const email = readEmail(attributes);
  // Stryker disable next-line ConditionalExpression,StringLiteral: only spares most people a copy
  return email === undefined || email === attributes['email'] ? attributes : { ...attributes, email };
};

/** Ties the visitor's earlier anonymous events to the person. */
const withAnonymousId = (attributes: JsonObject, anonymousId: string | undefined): JsonObject =>
  anonymousId === undefined ? attributes : { ...attributes, anonymous_id: anonymousId };

/**
 * A trait `id` changes the id of a person addressed by cio_id and gives one to a person addressed by email.
 * Beside an id it could only repeat it or be refused.
 */
const withoutRepeatedId = (attributes: JsonObject, identifiers: AddressedPersonIdentifiers): JsonObject => {
  if (!('id' in identifiers)) return attributes;
  // Stryker disable next-line ConditionalExpression: only spares those without such a trait a copy
  if (attributes['id'] === undefined) return attributes;
  const { id: _, ...others } = attributes;
  return others;
};

/**
 * The first of its names that holds a time is sent as `created_at`, in Unix seconds whatever the settings say,
 * since Customer.io reserves it for that; a null alone removes it. Times under the other names say the same and
 * go, and so does a form's empty field; what is no time (`created: true`) is another trait and stays. Read from the
 * traits as they came: a date that is a number of seconds already could be taken for milliseconds.
 */
const withCreatedAt = (attributes: JsonObject, traits: JsonObject): JsonObject => {
  // Stryker disable next-line ArrowFunction,ConditionalExpression,MethodExpression: only spares those without such a trait the lists
  if (CREATED_AT_NAMES.every((name) => traits[name] === undefined)) return attributes;
  const times = CREATED_AT_NAMES.map((name) => parseCreatedAt(traits[name]));
  const createdAt = times.find((time) => typeof time === 'number') ?? times.find((time) => time === null);
  const saying = CREATED_AT_NAMES.filter(
    (name, index) => times[index] !== undefined || isEmpty(traits[name]),
  );
  // Stryker disable next-line ConditionalExpression,MethodExpression,StringLiteral: only spares most people a copy, in which it is set again
  const gone = saying.filter((name) => name !== 'created_at' || createdAt === undefined);
  // Nearly always it stands there already, as one of the dates that were converted.
  // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: only spares most people a copy
  if (gone.length === 0 && attributes['created_at'] === createdAt) return attributes;
  const copy: Record<string, unknown> = { ...attributes };
  for (const name of gone) delete copy[name];
  if (createdAt !== undefined) copy['created_at'] = createdAt;
  return copy;
};
