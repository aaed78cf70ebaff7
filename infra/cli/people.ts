// Whom an event is about, by every id that it names a person by.

import { isEmail } from '../../lib/event/email';
import { isIllegalInAlias } from '../../lib/event/ids';
import { possiblyKnown } from '../../lib/event/who';
import { isObject, type JsonObject } from '../../lib/json/json-object';

/** In no order that would mean anything; none is twice. */
export const peopleOf = (event: unknown): string[] => {
  if (!isObject(event)) return [];
  return [...new Set([...namesOf(event), ...idOf(event['anonymousId'])])];
};

/**
 * The same without the visitor's id where anything else names the person: it may be on a device that several people
 * use, and says nothing of whose the event is.
 */
export const ownersOf = (event: unknown): string[] => {
  if (!isObject(event)) return [];
  const names = namesOf(event);
  return names.length > 0 ? names : idOf(event['anonymousId']);
};

/** Whether any of the ids is this one. */
export const isAbout = (event: unknown, id: string): boolean =>
  peopleOf(event).map(idKey).includes(idKey(id));

/** Ids are told apart by case, emails are not. */
export const idKey = (id: string): string => {
  const trimmed = id.trim();
  return trimmed.includes('@') ? trimmed.toLowerCase() : trimmed;
};

/**
 * Those by which one event leads to another of the same person. What a sender's bug or placeholder has made of an id, or
 * a form of an email (`n/a`), many share: what stands beside it in one event is nothing to what does in another.
 */
export const linksOf = (event: unknown): string[] => {
  const noEmails = noEmailsIn(event);
  return peopleOf(event).filter((id) => !isIllegalInAlias(id, {}) && !noEmails.includes(id));
};

/** Those that a workspace can know: what stands in the place of an email and is none, it does not. */
export const knownOwnersOf = (event: unknown): string[] => {
  const noEmails = noEmailsIn(event);
  return ownersOf(event).filter((id) => !noEmails.includes(id));
};

const noEmailsIn = (event: unknown): unknown[] =>
  isObject(event) ? emailsIn(event).filter((email) => typeof email === 'string' && !email.includes('@')) : [];

const namesOf = (event: JsonObject): string[] => {
  const { userId, previousId } = event;
  const { otherId, phone } = possiblyKnown(event);
  const names = [userId, otherId, previousId, ...emailsIn(event), ...reported(event)].flatMap(idOf);
  // A phone may be a family's: it is a name only where there is no other.
  return [...new Set(names.length > 0 ? names : idOf(phone))];
};

/** Whatever stands for one. */
const emailsIn = (event: JsonObject): unknown[] => {
  const { context } = event;
  const nested = isObject(context) ? context['traits'] : undefined;
  return [ownTraits(event), nested].flatMap((one) => (isObject(one) ? [one['email']] : []));
};

/** Those of a group are the company's. */
const ownTraits = ({ type, traits }: JsonObject): unknown => (type === 'group' ? undefined : traits);

/** Of a reporting webhook of Customer.io's: whatever the mapping may know its person by. */
const reported = ({ type, data }: JsonObject): unknown[] => {
  if (!isObject(data)) return [];
  const { identifiers, customer_id: customerId, email_address: address, recipient } = data;
  const names = isObject(identifiers) ? Object.values(identifiers) : [];
  // An event of a sender may have data of any kind.
  if (type !== undefined) return names;
  return [...names, customerId, address, typeof recipient === 'string' && isEmail(recipient) && recipient];
};

/** An id as text; none for what is no id. */
const idOf = (value: unknown): string[] =>
  (typeof value === 'string' && value.trim() !== '') || typeof value === 'number' ? [String(value)] : [];
