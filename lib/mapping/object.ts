// Which object of Customer.io an event names. A group is one; an identify may relate its person to one, and two
// reserved events end what a group began.

import type { Attributes, ObjectIdentifiers } from '../customerio/operation';
import { type IdSettings, isIllegalId, readId } from '../event/ids';
import { contextTraits } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectOrEmpty, readText, toAttributes } from './attributes';
import type { MappingSettings } from './translation';

/** The object type of a workspace that has made no other. */
const DEFAULT_OBJECT_TYPE_ID = '1';

const OBJECT_EVENTS: ReadonlySet<unknown> = new Set(['Object Deleted', 'Relationship Deleted']);

/** Types are numbered from 1. */
const OBJECT_TYPE_ID = /^[1-9]\d*$/;

/** Undefined for what is given and is no type: taken for the default one, it would name another object. */
export const readObjectTypeId = (fields: JsonObject): string | undefined => {
  const given = [fields['object_type_id'], fields['objectTypeId']].find(isGiven);
  if (given === undefined) return DEFAULT_OBJECT_TYPE_ID;
  const type = readId(given)?.trim();
  // Stryker disable next-line ConditionalExpression: undefined is no number either, which the compiler cannot know
  return type !== undefined && OBJECT_TYPE_ID.test(type) ? type : undefined;
};

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');

/**
 * The object of that id, else the group that the rest of the event names; undefined where its type cannot be read.
 * @param fields traits or properties: where the type of the object stands.
 */
export const findObject = (
  objectId: string | undefined,
  fields: JsonObject,
  event: JsonObject,
  settings: IdSettings,
): ObjectIdentifiers | undefined => {
  const id = objectId ?? groupIdOf(event);
  if (id === undefined || isIllegalId(id, settings)) return undefined;
  const type = readObjectTypeId(fields);
  return type === undefined ? undefined : { object_type_id: type, object_id: id };
};

/** The object's id among the properties of a reserved event. */
export const objectIdOfProperties = (properties: JsonObject): string | undefined =>
  readId(properties['objectId']) ?? readId(properties['object_id']);

/** The object's id among the traits of an identify. Written otherwise it is a trait like any other. */
export const objectIdOfTraits = (traits: JsonObject): string | undefined => readId(traits['objectId']);

/** What stands at `relationshipAttributes`; nothing where that is no object. */
export const relationshipAttributes = (
  fields: JsonObject,
  settings: MappingSettings,
): { readonly relationship_attributes?: Attributes } => {
  const attributes = fields['relationshipAttributes'];
  if (!isObject(attributes)) return {};
  return { relationship_attributes: toAttributes(attributes, settings, 'traits.relationshipAttributes') };
};

/**
 * The objects that an event may concern, whatever the settings, and names elsewhere than in `groupId`. Only events that
 * act on an object are asked: what all of a company's people do needs no order among them.
 */
export const objectIdsElsewhere = (event: JsonObject): readonly string[] => {
  if (event['type'] === 'identify') {
    const ofTraits = objectIdOfTraits(objectOrEmpty(event['traits']));
    const ofContext = objectIdOfTraits(objectOrEmpty(contextTraits(event)));
    const group = groupIdOf(event);
    // Stryker disable next-line ConditionalExpression: only spares most events the list
    if (ofTraits === undefined && ofContext === undefined && group === undefined) return NONE;
    return present([ofTraits, ofContext, group]);
  }
  const isAboutObject = event['type'] === 'track' && OBJECT_EVENTS.has(readText(event['event']));
  return isAboutObject
    ? present([objectIdOfProperties(objectOrEmpty(event['properties'])), groupIdOf(event)])
    : NONE;
};

const NONE: readonly string[] = Object.freeze([]);

const present = (ids: readonly (string | undefined)[]): readonly string[] =>
  ids.filter((id) => id !== undefined);

const groupIdOf = (event: JsonObject): string | undefined =>
  readId(event['groupId']) ?? readId(objectOrEmpty(event['context'])['groupId']);
