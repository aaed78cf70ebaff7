// Whom activity is about. Segment wants exactly one of userId and anonymousId; everything else Customer.io
// knows the person by goes to `context.traits`.

import { isEmail } from '../../event/email';
import type { Fault } from '../../event/fault';
import { impossibleId, isPossibleId } from '../../event/ids';
import { isObject, type JsonObject } from '../../json/json-object';
import { inCase, type PropertyCase } from './property-case';
import { textOf } from './text-of';

export interface SegmentPerson {
  readonly who: { readonly userId: string } | { readonly anonymousId: string };
  /** Undefined when nothing is known but the userId. */
  readonly traits: JsonObject | undefined;
}

/**
 * The id is the userId; without one the email is the anonymousId, as Customer.io's own Segment source does;
 * without that, the `cio_id`. Undefined when the person has none of them, as after a deletion.
 */
export const findPerson = (
  objectType: string,
  data: JsonObject,
  propertyCase: PropertyCase,
): SegmentPerson | undefined => {
  const email = findEmail(objectType, data);
  const userId = textOf(idIn(data).id);
  const anonymousId = email ?? textOf(identifiersOf(data)['cio_id']);
  const traits = traitsOf(data, email, propertyCase);
  if (userId !== undefined) return { who: { userId }, traits };
  return anonymousId === undefined ? undefined : { who: { anonymousId }, traits };
};

const identifiersOf = (data: JsonObject): JsonObject =>
  isObject(data['identifiers']) ? data['identifiers'] : {};

/**
 * The fault of an id that is there and cannot be one. It must not count as absent: known by the email, the person would
 * be another one to Segment.
 */
export const findIdFault = (data: JsonObject): Fault | undefined => {
  const { place, id } = idIn(data);
  return isPossibleId(id) ? undefined : impossibleId(place, id);
};

/** `customer_id` is deprecated: it speaks only where `identifiers` is missing altogether. */
const idIn = ({ identifiers, customer_id: customerId }: JsonObject) =>
  isObject(identifiers)
    ? { place: 'data.identifiers.id', id: identifiers['id'] }
    : { place: 'data.customer_id', id: customerId };

/** The recipient is an address in an email only: elsewhere it is a phone number, a channel, a URL or an id. */
const findEmail = (objectType: string, data: JsonObject): string | undefined => {
  const known = textOf(identifiersOf(data)['email']) ?? textOf(data['email_address']);
  if (known !== undefined || objectType !== 'email') return known;
  const recipient = textOf(data['recipient']);
  // Stryker disable next-line ConditionalExpression: undefined is no address either, which the compiler cannot know
  if (recipient === undefined) return undefined;
  return isEmail(recipient) ? recipient : undefined;
};

const traitsOf = (
  data: JsonObject,
  email: string | undefined,
  propertyCase: PropertyCase,
): JsonObject | undefined => {
  const { id: _userId, email: _email, ...others } = identifiersOf(data);
  const entries = Object.entries(others)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]): [string, unknown] => [inCase(key, propertyCase), value]);
  const traits = [...(email === undefined ? [] : [['email', email] as const]), ...entries];
  return traits.length === 0 ? undefined : Object.fromEntries(traits);
};
