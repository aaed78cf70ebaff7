// group -> object/identify, with the person who made the call related to it. The traits of a group are the
// object's; what the relationship has goes under `relationshipAttributes`.

import type { IdentifyObject, PersonIdentifiers } from '../customerio/operation';
import { isFault } from '../event/fault';
import { readId } from '../event/ids';
import { findGroup } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectOrEmpty, toAttributes } from './attributes';
import { anyPerson } from './identity';
import { withRootFields } from './root-fields';
import { type Mapper, type MappingInput, rejectedFor, translated } from './translation';

/** The object type of a workspace that has made no other. */
const DEFAULT_OBJECT_TYPE_ID = '1';

/** Without a person the object is still written, related to nobody. */
export const translateGroup: Mapper = (input) => {
  const { event, settings, timestampMs } = input;
  const group = findGroup(event, settings);
  if (isFault(group)) return rejectedFor(group);
  const traits = withRootFields(objectOrEmpty(event['traits']), event);
  const person = group.member && anyPerson(group.member, settings);
  const operation: IdentifyObject = {
    type: 'object',
    action: person !== undefined && 'anonymous_id' in person ? 'identify_anonymous' : 'identify',
    identifiers: { object_type_id: objectTypeId(traits), object_id: group.groupId },
    attributes: objectAttributes(traits, input),
    ...(person === undefined ? {} : { cio_relationships: [relationship(person, traits, input)] }),
  };
  return translated(operation, timestampMs);
};

const objectTypeId = (traits: JsonObject): string =>
  readId(traits['object_type_id']) ?? readId(traits['objectTypeId']) ?? DEFAULT_OBJECT_TYPE_ID;

/** The traits that steer the mapping are none of the object's. `objectAttributes` wins over a trait of the same name. */
const objectAttributes = (traits: JsonObject, { settings }: MappingInput): JsonObject => {
  const { object_type_id, objectTypeId, relationshipAttributes, objectAttributes, ...others } = traits;
  return toAttributes(isObject(objectAttributes) ? { ...others, ...objectAttributes } : others, settings);
};

const relationship = (person: PersonIdentifiers, traits: JsonObject, { settings }: MappingInput) => {
  const attributes = traits['relationshipAttributes'];
  return isObject(attributes)
    ? { identifiers: person, relationship_attributes: toAttributes(attributes, settings) }
    : { identifiers: person };
};
