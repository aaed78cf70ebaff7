// Whom an event is about, by every id that it names a person by.

import { isObject } from '../../lib/json/json-object';

/** In no order that would mean anything; none is twice. */
export const peopleOf = (event: unknown): string[] => {
  if (!isObject(event)) return [];
  const { userId, anonymousId, previousId, traits, context, data } = event;
  const nested = isObject(context) ? context['traits'] : undefined;
  const emails = [traits, nested].map((one) => (isObject(one) ? one['email'] : undefined));
  return [...new Set([userId, anonymousId, previousId, ...emails, ...reported(data)].flatMap(idOf))];
};

/** Of a reporting webhook of Customer.io's. */
const reported = (data: unknown): unknown[] => {
  const identifiers = isObject(data) ? data['identifiers'] : undefined;
  return isObject(identifiers) ? Object.values(identifiers) : [];
};

/** An id as text; none for what is no id. */
export const idOf = (value: unknown): string[] =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? [String(value)] : [];
