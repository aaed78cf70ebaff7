// What counts as a phone number that names a person: E.164 as Customer.io's description has it. Any other spelling
// of a number is an id or an attribute, and must stay one: a guess would name somebody else.

import { isObject } from '../json/json-object';

/** A plus and up to 15 digits, without blanks or dashes. A country's code begins with no zero. */
const E164 = /^\+[1-9]\d{1,14}$/;

export const isPhone = (text: string): boolean => text.startsWith('+') && E164.test(text);

/** The trait `phone` when it is a number in that form. */
export const readPhone = (traits: unknown): string | undefined => {
  const trait = isObject(traits) ? traits['phone'] : undefined;
  return typeof trait === 'string' && isPhone(trait) ? trait : undefined;
};
