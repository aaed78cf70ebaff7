// group -> object/identify, with the person who made the call related to it. The traits of a group are the
// object's; what the relationship has goes under `relationshipAttributes`.

import type { IdentifyObject, PersonIdentifiers } from '../customerio/operation';
import { isFault } from '../event/fault';
import { findGroup } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectOrEmpty, toAttributes } from './attributes';
import { anyPerson } from './identity';
import { readObjectTypeId, relationshipAttributes } from './object';
import { withRootFields } from './root-fields';
import { type Mapper, type MappingInput, rejectedFor, translated } from './translation';

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
    identifiers: { object_type_id: readObjectTypeId(traits), object_id: group.groupId },
    attributes: objectAttributes(traits, input),
    ...(person === undefined ? {} : { cio_relationships: [relationship(person, traits, input)] }),
  };
  return translated(operation, timestampMs);
};

/** The traits that steer the mapping are none of the object's. `objectAttributes` wins over a trait of the same name. */
const objectAttributes = (traits: JsonObject, { settings }: MappingInput): JsonObject => {
  const { object_type_id, objectTypeId, relationshipAttributes, objectAttributes, ...others } = traits;
  return toAttributes(isObject(objectAttributes) ? { ...others, ...objectAttributes } : others, settings);
};

const relationship = (person: PersonIdentifiers, traits: JsonObject, { settings }: MappingInput) => ({
  identifiers: person,
  ...relationshipAttributes(traits, settings),
});
