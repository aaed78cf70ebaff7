// Identify: which person is meant, and which of the attributes take effect. Customer.io answers 200 to all of
// it; what could not be done stands in the Activity Log.

import type { JsonObject } from '../../../../lib/json/json-object';
import { ACTIVITY_TYPES, type ActivityType } from '../activity-log';
import type { GivenIdentifier, ParsedIdentify, PersonRef } from '../parse/parsed-operation';
import { hasRoomFor, isOutdated, isRemoval, setAttribute } from './attribute-store';
import { addRelationships } from './object-operations';
import { isSameIdentifier, type Person } from './people';
import { findOrCreatePerson, type Reception, type State, subjectOf } from './state';

type AttributeEffect = 'applied' | 'outdated' | 'refused';

export const identify = (state: State, operation: ParsedIdentify): Reception => {
  const timestamp = operation.timestamp ?? state.now();
  const { person: ref, attributes } = operation;
  const existing = findByAnyIdentifier(state, operation);
  const person = existing ?? (operation.updateOnly ? undefined : findOrCreatePerson(state, ref, timestamp));
  if (person === undefined) {
    const type = ACTIVITY_TYPES.failedAttributeChange;
    const name = Object.keys(attributes).join(', ');
    state.log({ type, name, subject: subjectOf(state, ref), attributes, timestamp });
    return 'accepted';
  }
  applyAttributes(state, person, operation, timestamp, existing === undefined);
  const anonymousId = attributes['anonymous_id'];
  if (typeof anonymousId === 'string' && anonymousId !== '') state.people.claimAnonymous(person, anonymousId);
  addRelationships(
    state,
    operation.relationships.map((relationship) => ({ ...relationship, person })),
    timestamp,
  );
  return 'accepted';
};

/**
 * The person addressed; failing that, the one who has another identifier among the attributes. That one is
 * given the identifier addressed, so a new id with a known email renames the person and creates nobody.
 */
const findByAnyIdentifier = (
  state: State,
  { person: ref, attributes }: ParsedIdentify,
): Person | undefined => {
  const found = state.people.find(ref);
  if (found !== undefined || ref.by === 'cio_id') return found;
  const other = state.givenIdentifiers
    .map((by) => findByAttribute(state, by, attributes[by]))
    .find((person) => person !== undefined);
  if (other !== undefined) state.people.assign(other, ref);
  return other;
};

const findByAttribute = (state: State, by: GivenIdentifier, value: unknown): Person | undefined =>
  value === undefined || isRemoval(value) ? undefined : state.people.find({ by, value: String(value) });

const applyAttributes = (
  state: State,
  person: Person,
  { person: ref, attributes }: ParsedIdentify,
  timestamp: number,
  isNew: boolean,
): void => {
  const names: Record<AttributeEffect, string[]> = { applied: [], outdated: [], refused: [] };
  for (const [name, value] of Object.entries(attributes)) {
    names[applyAttribute(state, person, ref, name, value, timestamp)].push(name);
  }
  const log = (type: ActivityType, affected: string[]): void =>
    state.log({
      type,
      name: affected.join(', '),
      subject: person,
      attributes: pick(attributes, affected),
      timestamp,
    });
  if (names.applied.length > 0) log(ACTIVITY_TYPES.attributeChange, names.applied);
  else if (names.refused.length === 0 && !isNew) log(ACTIVITY_TYPES.skippedUpdate, names.outdated);
  if (names.refused.length > 0) log(ACTIVITY_TYPES.attributeUpdateFailure, names.refused);
};

const pick = (attributes: JsonObject, names: readonly string[]): JsonObject =>
  Object.keys(attributes).length === names.length
    ? attributes
    : Object.fromEntries(names.map((name) => [name, attributes[name]]));

const applyAttribute = (
  state: State,
  person: Person,
  addressedBy: PersonRef,
  name: string,
  value: unknown,
  timestamp: number,
): AttributeEffect => {
  if (isOutdated(person.attributes, name, timestamp)) return 'outdated';
  if (name === 'cio_id' || !hasRoomFor(person.attributes, name, value)) return 'refused';
  const by = state.givenIdentifiers.find((given) => given === name);
  if (by !== undefined && !setIdentifier(state, person, addressedBy, by, value)) return 'refused';
  setAttribute(person.attributes, name, value, timestamp);
  return 'applied';
};

const setIdentifier = (
  state: State,
  person: Person,
  addressedBy: PersonRef,
  by: GivenIdentifier,
  value: unknown,
): boolean => {
  const current = person.identity[by];
  const isGone = isRemoval(value);
  if (isGone && current === undefined) return true;
  if (!isGone && typeof value !== 'string' && typeof value !== 'number') return false;
  const ref = { by, value: String(value) };
  const isUnchanged = !isGone && current !== undefined && isSameIdentifier(ref, { by, value: current });
  if (isUnchanged) return true;
  if (current !== undefined && !mayChange(state, addressedBy, by)) return false;
  if (isGone) return releaseIdentifier(state, person, by);
  if (state.people.find(ref) !== undefined || state.people.isSuppressed(ref)) return false;
  state.people.assign(person, ref);
  return true;
};

/** Once set, an identifier changes only for who is addressed by `cio_id`, or an email by id where the workspace allows it. */
const mayChange = (state: State, addressedBy: PersonRef, by: GivenIdentifier): boolean =>
  addressedBy.by === 'cio_id' || (addressedBy.by === 'id' && by === 'email' && state.emailUpdatesById);

/** The last one stays: nobody could address the person any more. */
const releaseIdentifier = (state: State, person: Person, by: GivenIdentifier): boolean => {
  const others = state.givenIdentifiers.filter((other) => other !== by);
  if (others.every((other) => person.identity[other] === undefined)) return false;
  state.people.release(person, by);
  return true;
};
