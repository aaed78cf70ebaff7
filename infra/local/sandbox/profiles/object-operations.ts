// Objects and the relationships between them and people. Neither carries a time: the later arrival wins.

import { MAX_ATTRIBUTES } from '../../../../lib/customerio/limits';
import type { JsonObject } from '../../../../lib/json/json-object';
import { ACTIVITY_TYPES, type ActivityType, type Subject } from '../activity-log';
import type {
  ObjectRef,
  ParsedDeleteObject,
  ParsedIdentifyObject,
  ParsedRelateObject,
  ParsedRelatePerson,
  PersonRef,
} from '../parse/parsed-operation';
import { type AttributeStore, currentAttributes, setAttributes } from './attribute-store';
import type { CustomObject } from './objects';
import type { Person } from './people';
import { skip } from './person-operations';
import { findOrCreatePerson, type Reception, type State } from './state';

/** All the attributes of one object, or of one relationship, as JSON. */
const MAX_TOTAL_BYTES = 100_000;
const ARRIVAL_ORDER = 0;

/** Either end may still have to be looked up. */
interface Relationship {
  readonly person: Person | PersonRef;
  readonly object: CustomObject | ObjectRef;
  readonly attributes: JsonObject;
}

export const identifyObject = (state: State, operation: ParsedIdentifyObject): Reception => {
  const { object: ref, attributes, relationships } = operation;
  const existed = state.objects.find(ref) !== undefined;
  const object = findOrCreateObject(state, ref);
  if (object === undefined) return skipObject(state, 'identify', ref);
  const hasAttributes = Object.keys(attributes).length > 0;
  if (hasAttributes) updateAttributes(state, object, object.attributes, attributes, 'objectAttributeChange');
  else if (existed && relationships.length === 0) skipObject(state, 'identify', ref);
  const related = relationships.map((relationship) => ({ ...relationship, object }));
  addRelationships(state, related, state.now());
  return 'accepted';
};

export const deleteObject = (state: State, { object: ref }: ParsedDeleteObject): Reception => {
  const object = state.objects.find(ref);
  if (object === undefined) return skipObject(state, 'delete', ref);
  state.objects.remove(object);
  state.people.forgetObject(object);
  log(state, ACTIVITY_TYPES.objectDeleted, object, {});
  return 'accepted';
};

export const relateObject = (
  state: State,
  { kind, object, relationships }: ParsedRelateObject,
): Reception => {
  const related = relationships.map((relationship) => ({ ...relationship, object }));
  const isChanged =
    kind === 'add_people'
      ? addRelationships(state, related, state.now())
      : deleteRelationships(state, related);
  return isChanged ? 'accepted' : skipObject(state, ACTIONS[kind], object);
};

const ACTIONS = { add_people: 'add_relationships', delete_people: 'delete_relationships' } as const;

export const relatePerson = (
  state: State,
  { kind, person, relationships }: ParsedRelatePerson,
): Reception => {
  const related = relationships.map((relationship) => ({ ...relationship, person }));
  const isChanged =
    kind === 'add_relationships'
      ? addRelationships(state, related, state.now())
      : deleteRelationships(state, related);
  return isChanged ? 'accepted' : skip(state, kind, person, {});
};

/** Creates whichever end does not exist yet, but nobody who is suppressed. Answers whether anything has changed. */
export const addRelationships = (
  state: State,
  relationships: readonly Relationship[],
  timestamp: number,
): boolean => {
  let isChanged = false;
  for (const { person: personRef, object: objectRef, attributes } of relationships) {
    const person =
      'identity' in personRef ? personRef : findOrCreateUnlessSuppressed(state, personRef, timestamp);
    const object = 'identity' in objectRef ? objectRef : findOrCreateObject(state, objectRef);
    if (person === undefined || object === undefined) continue;
    isChanged = relate(state, person, object, attributes) || isChanged;
  }
  return isChanged;
};

const findOrCreateUnlessSuppressed = (state: State, ref: PersonRef, timestamp: number): Person | undefined =>
  state.people.isSuppressed(ref) ? undefined : findOrCreatePerson(state, ref, timestamp);

const relate = (state: State, person: Person, object: CustomObject, attributes: JsonObject): boolean => {
  const existing = person.relationships.get(object);
  const store: AttributeStore = existing ?? new Map();
  if (existing === undefined) {
    person.relationships.set(object, store);
    log(state, ACTIVITY_TYPES.relationshipAdded, person, attributes, nameOf(object));
  }
  const hasAttributes = Object.keys(attributes).length > 0;
  if (hasAttributes) updateAttributes(state, person, store, attributes, 'relationshipChange');
  return existing === undefined || hasAttributes;
};

const deleteRelationships = (state: State, relationships: readonly Relationship[]): boolean => {
  let isChanged = false;
  for (const { person: personRef, object: objectRef } of relationships) {
    const person = 'identity' in personRef ? personRef : state.people.find(personRef);
    const object = 'identity' in objectRef ? objectRef : state.objects.find(objectRef);
    if (person === undefined || object === undefined || !person.relationships.delete(object)) continue;
    log(state, ACTIVITY_TYPES.relationshipDeleted, person, {}, nameOf(object));
    isChanged = true;
  }
  return isChanged;
};

/** All or nothing: an update that would break a limit leaves the attributes as they were. */
const updateAttributes = (
  state: State,
  subject: Subject,
  store: AttributeStore,
  attributes: JsonObject,
  type: 'objectAttributeChange' | 'relationshipChange',
): void => {
  const name = Object.keys(attributes).join(', ');
  const updated: AttributeStore = new Map(store);
  setAttributes(updated, attributes, ARRIVAL_ORDER);
  const all = currentAttributes(updated);
  if (Object.keys(all).length > MAX_ATTRIBUTES || Buffer.byteLength(JSON.stringify(all)) > MAX_TOTAL_BYTES) {
    log(state, ACTIVITY_TYPES.attributeUpdateFailure, subject, attributes, name);
    return;
  }
  setAttributes(store, attributes, ARRIVAL_ORDER);
  log(state, ACTIVITY_TYPES[type], subject, attributes, name);
};

/** A `cio_object_id` is Customer.io's to give, so it creates nothing. */
const findOrCreateObject = (state: State, ref: ObjectRef): CustomObject | undefined => {
  const found = state.objects.find(ref);
  if (found !== undefined || 'cioObjectId' in ref) return found;
  const object = state.objects.create(ref);
  log(state, ACTIVITY_TYPES.objectCreated, object, {});
  return object;
};

const skipObject = (state: State, action: string, ref: ObjectRef): Reception => {
  const subject = state.objects.find(ref) ?? { identity: identifiersOf(ref) };
  log(state, ACTIVITY_TYPES.skippedUpdate, subject, {}, action);
  return 'accepted';
};

const identifiersOf = (ref: ObjectRef): object =>
  'cioObjectId' in ref
    ? { cio_object_id: ref.cioObjectId }
    : { object_type_id: ref.objectTypeId, object_id: ref.objectId };

const nameOf = ({ identity }: CustomObject): string => identity.object_id;

const log = (state: State, type: ActivityType, subject: Subject, attributes: JsonObject, name = ''): void =>
  state.log({ type, name, subject, attributes, timestamp: state.now() });
