// Whom activity is about. Segment wants exactly one of userId and anonymousId; everything else Customer.io
// knows the person by goes to `context.traits`.

import { isEmail } from '../../event/email';
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
  const userId = findUserId(data);
  const anonymousId = email ?? textOf(identifiersOf(data)['cio_id']);
  const traits = traitsOf(data, email, propertyCase);
  if (userId !== undefined) return { who: { userId }, traits };
  return anonymousId === undefined ? undefined : { who: { anonymousId }, traits };
};

const identifiersOf = (data: JsonObject): JsonObject =>
  isObject(data['identifiers']) ? data['identifiers'] : {};

/** `customer_id` is deprecated: it speaks only where `identifiers` is missing altogether. */
const findUserId = (data: JsonObject): string | undefined =>
  textOf(isObject(data['identifiers']) ? data['identifiers']['id'] : data['customer_id']);

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
