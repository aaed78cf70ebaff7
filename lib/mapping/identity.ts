// Customer.io's identifiers of whom an event means. The rule: an operation names a person by exactly one of them;
// an id is read as Customer.io's own (`cio_`), an email, a phone where the workspace knows people by it, or an id.

import type { AddressedPersonIdentifiers, PersonIdentifiers } from '../customerio/operation';
import { isEmail, readEmail } from '../event/email';
import { readId } from '../event/ids';
import { isPhone, readPhone } from '../event/phone';
import { contextTraits, type IdentitySettings, type KnownWho, possiblyKnown, type Who } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import { objectIdsElsewhere } from './object';

const CIO_ID_PREFIX = 'cio_';

type WorkspaceIdentifiers = Pick<IdentitySettings, 'workspaceIdentifiers'>;

/** The person an id names. */
export const personById = (
  id: string,
  { workspaceIdentifiers }: WorkspaceIdentifiers,
): AddressedPersonIdentifiers => {
  const cioId = id.startsWith(CIO_ID_PREFIX) ? readId(id.slice(CIO_ID_PREFIX.length)) : undefined;
  if (cioId !== undefined) return { cio_id: cioId };
  // Older workspaces know people by id alone and refuse an email as an identifier.
  if (workspaceIdentifiers === 'id') return { id };
  if (workspaceIdentifiers === 'email_phone_or_id' && isPhone(id)) return { phone: id };
  return isEmail(id) ? { email: id } : { id };
};

export const knownPerson = (
  { by, value }: KnownWho,
  workspace: WorkspaceIdentifiers,
): AddressedPersonIdentifiers => {
  if (by === 'id') return personById(value, workspace);
  return by === 'email' ? { email: value } : { phone: value };
};

export const anyPerson = (
  who: Who,
  workspace: WorkspaceIdentifiers,
): PersonIdentifiers | AddressedPersonIdentifiers =>
  who.by === 'anonymous_id' ? { anonymous_id: who.value } : knownPerson(who, workspace);

/** Customer.io compares emails without regard to case, ids exactly. */
export const isSamePerson = (a: AddressedPersonIdentifiers, b: AddressedPersonIdentifiers): boolean =>
  kindOf(a) === kindOf(b) && keyOf(a) === keyOf(b);

const kindOf = (person: AddressedPersonIdentifiers): string | undefined => Object.keys(person)[0];

// Stryker disable next-line ObjectLiteral,StringLiteral: of one text the key of a phone is that of an id
const ANY_WORKSPACE: WorkspaceIdentifiers = { workspaceIdentifiers: 'email_phone_or_id' };

/**
 * Everyone and everything an event speaks of: two events that share a key may concern the same profile or object and
 * must keep their order. Empty for what is no event. A person's key is the id as it came, whatever its kind: where one
 * person's id is another's anonymousId, the two wait for each other, which does no harm, and a text made for each key
 * took a fortieth of an event's time.
 */
export const identityKeys = (event: unknown): readonly string[] => {
  if (!isObject(event)) return [];
  const keys: string[] = [];
  addKnown(keys, event);
  if (event['type'] === 'identify') addGiven(keys, event);
  addAnonymous(keys, event['anonymousId']);
  addPrevious(keys, event['previousId']);
  addObjects(keys, event);
  // Copied, which leaves out the room that an array grows by: a key lives as long as its operation.
  // Stryker disable next-line MethodExpression: the keys themselves say the same
  return keys.slice();
};

const addKnown = (keys: string[], event: JsonObject): void => {
  const { userId, otherId, email, phone } = possiblyKnown(event);
  if (userId !== undefined) keys.push(keyOf(personById(userId, ANY_WORKSPACE)));
  if (otherId !== undefined) keys.push(keyOf(personById(otherId, ANY_WORKSPACE)));
  if (email !== undefined) keys.push(keyOf({ email }));
  if (phone !== undefined) keys.push(keyOf({ phone }));
};

/**
 * What an identify calls its person from then on: attributes that Customer.io takes for identifiers, among the traits or
 * at the root. What comes by such a name must not arrive before it, or it would make another person.
 */
const addGiven = (keys: string[], event: JsonObject): void => {
  addNames(keys, event['traits']);
  addNames(keys, contextTraits(event));
  addNames(keys, event);
  const email = readEmail(event);
  const phone = readPhone(event);
  if (email !== undefined) keys.push(keyOf({ email }));
  if (phone !== undefined) keys.push(keyOf({ phone }));
};

const addNames = (keys: string[], fields: unknown): void => {
  if (!isObject(fields)) return;
  const id = readId(fields['id']);
  if (id !== undefined) keys.push(keyOf(personById(id, ANY_WORKSPACE)));
  addAnonymous(keys, fields['anonymous_id']);
};

const addAnonymous = (keys: string[], value: unknown): void => {
  const id = readId(value);
  if (id !== undefined) keys.push(id);
};

/** An alias may name a known person or the visitor that person was. */
const addPrevious = (keys: string[], value: unknown): void => {
  const id = readId(value);
  if (id !== undefined) keys.push(keyOf(personById(id, ANY_WORKSPACE)), id);
};

const addObjects = (keys: string[], event: JsonObject): void => {
  const groupId = readId(event['groupId']);
  if (groupId !== undefined) keys.push(objectKey(groupId));
  for (const id of objectIdsElsewhere(event)) keys.push(objectKey(id));
};

/**
 * The key leaves out the object's type: then objects of two types with one id wait for each other, which does no
 * harm.
 */
const objectKey = (id: string): string => `object:${id}`;

const keyOf = (person: AddressedPersonIdentifiers): string => {
  if ('id' in person) return person.id;
  if ('phone' in person) return person.phone;
  return 'email' in person ? person.email.toLowerCase() : `cio_id:${person.cio_id}`;
};
