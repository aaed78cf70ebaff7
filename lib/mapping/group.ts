// group -> object/identify, with the person who made the call related to it. The traits of a group are the
// object's; what the relationship has goes under `relationshipAttributes`, and `action` says what else is to be done.

import type {
  IdentifyObject,
  ObjectIdentifiers,
  Operation,
  RelateObject,
  RelatePerson,
} from '../customerio/operation';
import { isFault } from '../event/fault';
import { findGroup, type GroupMembers, type Who } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectOrEmpty, toAttributes, withAttributes } from './attributes';
import { toGroupAttributes } from './group-attributes';
import { anyPerson, knownPerson } from './identity';
import { readObjectTypeId, relationshipAttributes } from './object';
import { withRootFields } from './root-fields';
import { type Mapper, type MappingInput, rejected, rejectedFor, translatedAll } from './translation';

/** What a group's trait `action` may say, as RudderStack has it. */
const ACTIONS = ['identify', 'delete', 'add_relationships', 'delete_relationships'] as const;

type Action = (typeof ACTIONS)[number];

/** What a group call says. */
interface GroupCall {
  readonly identifiers: ObjectIdentifiers;
  readonly member: Who | undefined;
  /** The group's own, without `action` where that acts. */
  readonly given: JsonObject;
  /** The same with what stands at the root. */
  readonly traits: JsonObject;
}

const IMPOSSIBLE_TYPE = 'traits.objectTypeId: expected the number of an object type, from 1';

export const translateGroup: Mapper = (input) => {
  const { event, settings, timestampMs } = input;
  const members = findGroup(event, settings);
  if (isFault(members)) return rejectedFor(members);
  if (settings.groups === 'person_attributes') return toGroupAttributes(input, members);
  const action = readAction(input);
  const group = readGroup(input, members, action);
  if (group === undefined) return rejected('invalid_event', IMPOSSIBLE_TYPE);
  return translatedAll(toOperations(action, group, input), timestampMs);
};

/** What the group asks to be done; undefined where `action` is a trait like any other. */
const readAction = ({ event, settings }: MappingInput): Action | undefined => {
  if (settings.reservedEvents === false) return undefined;
  const given = objectOrEmpty(event['traits'])['action'];
  return ACTIONS.find((action) => action === given);
};

/** Undefined where the type of the object cannot be read: one of the default type is another object. */
const readGroup = (
  { event }: MappingInput,
  { groupId, member }: GroupMembers,
  action: Action | undefined,
): GroupCall | undefined => {
  const own = objectOrEmpty(event['traits']);
  const given = action === undefined ? own : withoutAction(own);
  const traits = withRootFields(given, event);
  const type = readObjectTypeId(traits);
  if (type === undefined) return undefined;
  return { identifiers: { object_type_id: type, object_id: groupId }, member, given, traits };
};

const withoutAction = ({ action: _, ...others }: JsonObject): JsonObject => others;

/** A relationship that cannot be ended, because nobody known is named, leaves the object alone: it must not begin. */
const toOperations = (
  action: Action | undefined,
  group: GroupCall,
  input: MappingInput,
): readonly Operation[] => {
  if (action === 'delete') return [{ type: 'object', action, identifiers: group.identifiers }];
  if (action === 'add_relationships' || action === 'delete_relationships') {
    const related = relate(action, group, input);
    if (related !== undefined) return [related];
  }
  return identify(action === 'delete_relationships' ? { ...group, member: undefined } : group, input);
};

/**
 * Joins a known person and the object, or parts them. Undefined without a known person, because Customer.io relates
 * a visitor by `identify_anonymous` alone.
 */
const relate = (
  action: RelateObject['action'],
  { identifiers, member, traits }: GroupCall,
  { settings }: MappingInput,
): RelateObject | RelatePerson | undefined => {
  if (member === undefined || member.by === 'anonymous_id') return undefined;
  const attributes = action === 'add_relationships' ? relationshipAttributes(traits, settings) : {};
  const person = knownPerson(member, settings);
  // From an object Customer.io finds nobody by phone, from the person it finds the object.
  return 'phone' in person
    ? { type: 'person', action, identifiers: person, cio_relationships: [{ identifiers, ...attributes }] }
    : { type: 'object', action, identifiers, cio_relationships: [{ identifiers: person, ...attributes }] };
};

/** Without a person the object is still written, related to nobody. */
const identify = (group: GroupCall, input: MappingInput): readonly Operation[] => {
  const { identifiers, member, traits } = group;
  const attributes = objectAttributes(group, input);
  const object: IdentifyObject = { type: 'object', action: 'identify', identifiers, attributes };
  if (member === undefined) return [object];
  const person = anyPerson(member, input.settings);
  if ('phone' in person)
    // Stryker disable next-line ConditionalExpression,MethodExpression: who has a phone is known, which the compiler cannot know
    return [object, relate('add_relationships', group, input)].filter((one) => one !== undefined);
  const action = 'anonymous_id' in person ? 'identify_anonymous' : 'identify';
  const related = { identifiers: person, ...relationshipAttributes(traits, input.settings) };
  return [{ ...object, action, cio_relationships: [related] }];
};

/** Traits that steer the mapping, and are none of the object's. */
const STEERING = ['object_type_id', 'objectTypeId', 'relationshipAttributes', 'objectAttributes'];

const objectAttributes = (group: GroupCall, { settings }: MappingInput): JsonObject => {
  const { traits } = group;
  // Stryker disable next-line ConditionalExpression: only spares most groups a copy
  const own = STEERING.some((name) => Object.hasOwn(traits, name)) ? ownAttributes(group) : traits;
  return toAttributes(own, settings, 'traits');
};

/** `objectAttributes` wins over a trait of the same name. A field of the root is no trait, and takes the next name. */
const ownAttributes = ({ given, traits }: GroupCall): JsonObject => {
  const { object_type_id, objectTypeId, relationshipAttributes, objectAttributes, ...others } = traits;
  if (!isObject(objectAttributes)) return others;
  const overruled = Object.keys(objectAttributes).filter(
    (name) => Object.hasOwn(others, name) && !Object.hasOwn(given, name),
  );
  return withAttributes(
    { ...others, ...objectAttributes },
    overruled.map((name) => [name, others[name]] as const),
  );
};
