// group -> object/identify, with the person who made the call related to it. The traits of a group are the
// object's; what the relationship has goes under `relationshipAttributes`.

import type {
  IdentifyObject,
  ObjectIdentifiers,
  PersonRelationship,
  PhoneIdentifiers,
  RelatePerson,
} from '../customerio/operation';
import { isFault } from '../event/fault';
import { readId } from '../event/ids';
import { findGroup } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectOrEmpty, toAttributes } from './attributes';
import { anyPerson } from './identity';
import { withRootFields } from './root-fields';
import { type Mapper, type MappingInput, rejectedFor, translated, translatedAll } from './translation';

/** The object type of a workspace that has made no other. */
const DEFAULT_OBJECT_TYPE_ID = '1';

/** Without a person the object is still written, related to nobody. */
export const translateGroup: Mapper = (input) => {
  const { event, settings, timestampMs } = input;
  const group = findGroup(event, settings);
  if (isFault(group)) return rejectedFor(group);
  const traits = withRootFields(objectOrEmpty(event['traits']), event);
  const person = group.member && anyPerson(group.member, settings);
  const identifiers = { object_type_id: objectTypeId(traits), object_id: group.groupId };
  const attributes = objectAttributes(traits, input);
  if (person === undefined) return translated(identifyObject(identifiers, attributes), timestampMs);
  const relation = relationshipAttributes(traits, input);
  if ('phone' in person) {
    const operations = [identifyObject(identifiers, attributes), relate(person, identifiers, relation)];
    return translatedAll(operations, timestampMs);
  }
  const operation: IdentifyObject = {
    ...identifyObject(identifiers, attributes),
    action: 'anonymous_id' in person ? 'identify_anonymous' : 'identify',
    cio_relationships: [{ identifiers: person, ...relation }],
  };
  return translated(operation, timestampMs);
};

const identifyObject = (identifiers: ObjectIdentifiers, attributes: JsonObject): IdentifyObject => ({
  type: 'object',
  action: 'identify',
  identifiers,
  attributes,
});

/** From an object Customer.io finds nobody by phone, from the person it finds the object. */
const relate = (person: PhoneIdentifiers, object: ObjectIdentifiers, relation: Relation): RelatePerson => ({
  type: 'person',
  action: 'add_relationships',
  identifiers: person,
  cio_relationships: [{ identifiers: object, ...relation }],
});

const objectTypeId = (traits: JsonObject): string =>
  readId(traits['object_type_id']) ?? readId(traits['objectTypeId']) ?? DEFAULT_OBJECT_TYPE_ID;

/** The traits that steer the mapping are none of the object's. `objectAttributes` wins over a trait of the same name. */
const objectAttributes = (traits: JsonObject, { settings }: MappingInput): JsonObject => {
  const { object_type_id, objectTypeId, relationshipAttributes, objectAttributes, ...others } = traits;
  return toAttributes(
    isObject(objectAttributes) ? { ...others, ...objectAttributes } : others,
    settings,
    'traits',
  );
};

type Relation = Pick<PersonRelationship, 'relationship_attributes'>;

const relationshipAttributes = (traits: JsonObject, { settings }: MappingInput): Relation => {
  const attributes = traits['relationshipAttributes'];
  if (!isObject(attributes)) return {};
  return { relationship_attributes: toAttributes(attributes, settings, 'traits.relationshipAttributes') };
};
