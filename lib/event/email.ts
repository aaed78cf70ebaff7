// What counts as an email address: the one definition, for both doors and for activity. A text that is no address
// is an id, and must stay one: an id taken for an address would name somebody else.

import * as z from 'zod/mini';
import { isObject } from '../json/json-object';

/** The longest address mail can be sent to (RFC 5321); it also bounds the test below. */
const MAX_EMAIL_LENGTH = 254;

/**
 * zod's grammar of RFC 5322. Its stricter one refuses characters that real addresses have (`&`, `=`, `/`); its
 * looser ones take `mailto:j@x.com` and a host without a dot.
 */
const GRAMMAR = z.regexes.rfc5322Email;

export const isEmail = (text: string): boolean =>
  // Stryker disable next-line StringLiteral: the search only spares ids the slower expression
  text.length <= MAX_EMAIL_LENGTH && text.includes('@') && (GRAMMAR.test(text) || isInAnotherScript(text));

/**
 * The grammar is older than addresses in other scripts (RFC 6531). A letter or digit of any script counts as one. Their
 * pattern is dear to make, and is not made before an address needs it.
 */
const isInAnotherScript = (text: string): boolean =>
  GRAMMAR.test(text.replace(/(?![\0-\x7f])[\p{L}\p{M}\p{N}]/gu, 'x'));

/** The trait `email` when it is an address. Blanks around it come from a form, and are no part of the address. */
export const readEmail = (traits: unknown): string | undefined => {
  const trait = isObject(traits) ? traits['email'] : undefined;
  if (typeof trait !== 'string') return undefined;
  const email = trait.trim();
  return isEmail(email) ? email : undefined;
};
