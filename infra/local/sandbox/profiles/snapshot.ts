// The state of a workspace as JSON: for reading, and in one canonical form for comparing two runs.

import type { JsonObject } from '../../../../lib/json/json-object';
import { currentAttributes } from './attribute-store';
import type { CustomObject } from './objects';
import type { Person, Suppression } from './people';
import type { State } from './state';

export interface DeviceJson {
  readonly token: string;
  readonly platform: string;
  readonly last_used: number;
  readonly attributes: JsonObject;
}

/** `identifiers` are those of the other end. */
export interface RelationshipJson {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly relationship_attributes: JsonObject;
}

/** One entry of `people` in `GET /sandbox/people`. */
export interface PersonJson {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: JsonObject;
  readonly devices: readonly DeviceJson[];
  readonly relationships: readonly RelationshipJson[];
  readonly unsubscribed: boolean;
  /** Events, page and screen views. */
  readonly events: number;
}

/** One entry of `GET /sandbox/objects`. */
export interface ObjectJson {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: JsonObject;
  readonly relationships: readonly RelationshipJson[];
}

/** One entry of `suppressed` in `GET /sandbox/people`: identifiers whose every call is ignored. */
export interface SuppressedJson {
  readonly identifiers: Readonly<Record<string, string>>;
}

/** Two runs that ended in the same profiles have equal snapshots, in JSON too. */
export interface ProfileSnapshot {
  readonly people: readonly JsonObject[];
  /** Those with an anonymous id that nobody has claimed. */
  readonly anonymous: readonly JsonObject[];
  readonly objects: readonly JsonObject[];
}

export const personJson = (person: Person): PersonJson => {
  const attributes = currentAttributes(person.attributes);
  return {
    identifiers: { ...person.identity },
    attributes,
    devices: [...person.devices].map(([token, device]) => ({
      token,
      platform: device.platform,
      last_used: device.lastUsed,
      attributes: currentAttributes(device.attributes),
    })),
    relationships: [...person.relationships].map(([{ identity }, relationship]) => ({
      identifiers: identity,
      relationship_attributes: currentAttributes(relationship),
    })),
    unsubscribed: isUnsubscribed(attributes['unsubscribed']),
    events: person.events,
  };
};

/** `true` in any case, 1 and "1" mean unsubscribed; everything else means subscribed. */
const isUnsubscribed = (value: unknown): boolean => /^(true|1)$/i.test(String(value));

export const suppressedJson = ({ identity }: Suppression): SuppressedJson => ({
  identifiers: { ...identity },
});

export const objectsJson = (state: State): ObjectJson[] =>
  state.objects.all().map((object) => ({
    identifiers: object.identity,
    attributes: currentAttributes(object.attributes),
    relationships: relationshipsOf(state, object),
  }));

const relationshipsOf = (state: State, object: CustomObject): RelationshipJson[] =>
  [...state.people.known(), ...state.people.anonymous()].flatMap((person) => {
    const attributes = person.relationships.get(object);
    if (attributes === undefined) return [];
    return [{ identifiers: { ...person.identity }, relationship_attributes: currentAttributes(attributes) }];
  });

/** What Customer.io numbers itself is left out: it follows the order of arrival, and nobody sent it. */
export const profileSnapshot = (state: State): ProfileSnapshot => ({
  people: sorted(state.people.known().map(profile)),
  anonymous: sorted(state.people.anonymous().map(profile)),
  objects: sorted(
    state.objects.all().map(({ identity, attributes }) => ({
      object_type_id: identity.object_type_id,
      object_id: identity.object_id,
      attributes: sortedKeys(currentAttributes(attributes)),
    })),
  ),
});

const profile = (person: Person): JsonObject => {
  const { cio_id: _, ...identifiers } = person.identity;
  const { attributes, devices, events } = personJson(person);
  return {
    identifiers: sortedKeys(identifiers),
    attributes: sortedKeys(attributes),
    devices: sorted(devices.map((device) => ({ ...device, attributes: sortedKeys(device.attributes) }))),
    anonymous_ids: [...person.anonymousIds].sort(),
    relationships: sorted(
      [...person.relationships].map(([{ identity }, relationship]) => ({
        object_type_id: identity.object_type_id,
        object_id: identity.object_id,
        attributes: sortedKeys(currentAttributes(relationship)),
      })),
    ),
    events,
  };
};

const sortedKeys = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));

const sorted = (values: readonly JsonObject[]): JsonObject[] =>
  values
    .map((value) => ({ value, key: JSON.stringify(value) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ value }) => value);
