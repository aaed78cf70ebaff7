// Who an event speaks of. The rule: an operation names a person by exactly one identifier, the first that the
// event has in this order: `cio_` userId, email userId, other userId, email trait, anonymousId.

import type { KnownPersonIdentifiers, PersonIdentifiers } from '../customerio/operation';
import { isObject, type JsonObject } from '../json/json-object';
import type { MappingSettings } from './translation';

const CIO_ID_PREFIX = 'cio_';
/** The longest address mail can be sent to (RFC 5321); it also bounds the test below. */
const MAX_EMAIL_LENGTH = 254;
const EMAIL = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/;

type Workspace = Pick<MappingSettings, 'workspaceIdentifiers'>;

/** What `readId` takes, for details. */
export const EXPECTED_ID = 'a non-empty string or an exact number';

/**
 * An id as text: strings that are not blank, and numbers. Anything else counts as absent, and so does a number
 * too large to be exact, because its last digits are lost and two people would become one.
 */
export const readId = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined;
};

/** The person a `userId` or `previousId` names. */
export const personById = (value: unknown, workspace: Workspace): KnownPersonIdentifiers | undefined => {
  const id = readId(value);
  if (id === undefined) return undefined;
  const cioId = id.startsWith(CIO_ID_PREFIX) ? readId(id.slice(CIO_ID_PREFIX.length)) : undefined;
  if (cioId !== undefined) return { cio_id: cioId };
  return knowsEmails(workspace) && isEmail(id) ? { email: id } : { id };
};

/** The person an event speaks of, when it names one that the workspace can know. */
export const knownPerson = (event: JsonObject, workspace: Workspace): KnownPersonIdentifiers | undefined => {
  const person = personById(event['userId'], workspace);
  if (person !== undefined || !knowsEmails(workspace)) return person;
  const email = emailTrait(event);
  return email === undefined ? undefined : { email };
};

/** The same, or the anonymous visitor. */
export const anyPerson = (event: JsonObject, workspace: Workspace): PersonIdentifiers | undefined => {
  const person = knownPerson(event, workspace);
  if (person !== undefined) return person;
  const anonymousId = readId(event['anonymousId']);
  return anonymousId === undefined ? undefined : { anonymous_id: anonymousId };
};

/** Customer.io compares emails without regard to case, ids exactly. */
export const isSamePerson = (a: KnownPersonIdentifiers, b: KnownPersonIdentifiers): boolean =>
  keyOf(a) === keyOf(b);

/** Older workspaces know people by id alone and refuse an email as an identifier. */
const knowsEmails = (workspace: Workspace): boolean => workspace.workspaceIdentifiers === 'email_or_id';

const isEmail = (text: string): boolean =>
  // Stryker disable next-line StringLiteral: the search only spares ids the slower expression
  text.length <= MAX_EMAIL_LENGTH && text.includes('@') && EMAIL.test(text);

/** The traits of a group are the group's: an email among them is the company's, not the person's. */
const emailTrait = (event: JsonObject): string | undefined => {
  const own = event['type'] === 'group' ? undefined : readEmail(event['traits']);
  return own ?? readEmail(contextTraits(event));
};

/** The trait `email` when it is an address. Blanks around it are a form's, not the address's. */
export const readEmail = (traits: unknown): string | undefined => {
  const trait = isObject(traits) ? traits['email'] : undefined;
  if (typeof trait !== 'string') return undefined;
  const email = trait.trim();
  return isEmail(email) ? email : undefined;
};

/** `context.traits`: what SDKs know of the person beside a call that is not an identify. */
export const contextTraits = (event: JsonObject): unknown => {
  const context = event['context'];
  return isObject(context) ? context['traits'] : undefined;
};

const ANY_WORKSPACE: Workspace = { workspaceIdentifiers: 'email_or_id' };

/**
 * Everyone and everything an event speaks of, each with its kind in front: two events that share a key may
 * concern the same profile or object and must keep their order. Empty for what is no event.
 */
export const identityKeys = (event: unknown): readonly string[] => {
  if (!isObject(event)) return [];
  const keys: string[] = [];
  add(keys, personById(event['userId'], ANY_WORKSPACE));
  addAnonymous(keys, event['anonymousId']);
  const email = emailTrait(event);
  if (email !== undefined) add(keys, { email });
  addPrevious(keys, event['previousId']);
  addObject(keys, event['groupId']);
  return keys;
};

const add = (keys: string[], person: KnownPersonIdentifiers | undefined): void => {
  if (person !== undefined) keys.push(keyOf(person));
};

const addAnonymous = (keys: string[], value: unknown): void => {
  const id = readId(value);
  if (id !== undefined) keys.push(`anonymous_id:${id}`);
};

/** An alias may name a known person or the visitor that person was. */
const addPrevious = (keys: string[], value: unknown): void => {
  add(keys, personById(value, ANY_WORKSPACE));
  addAnonymous(keys, value);
};

/** Without its type: objects of two types with one id only wait for each other in vain. */
const addObject = (keys: string[], value: unknown): void => {
  const id = readId(value);
  if (id !== undefined) keys.push(`object:${id}`);
};

const keyOf = (person: KnownPersonIdentifiers): string => {
  if ('id' in person) return `id:${person.id}`;
  return 'email' in person ? `email:${person.email.toLowerCase()}` : `cio_id:${person.cio_id}`;
};
