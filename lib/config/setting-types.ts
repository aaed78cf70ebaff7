// The kinds of values that settings are made of. Messages name the rule and never the value, which may be a secret.

import * as z from 'zod/mini';

export const requiredText = z
  .string('is required and must be a string')
  .check(z.trim(), z.minLength(1, 'must not be empty'));

export const wholeNumber = z.number('must be a number').check(z.int('must be a whole number'));

/** One of the words; the first is the default. */
export const choice = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z._default(z.enum(words, `must be ${oneOf(words)}`), words[0]);

/** True or false. */
export const flag = (defaultValue: boolean) => z._default(z.boolean('must be true or false'), defaultValue);

/** `a`, `b` or `c`: as messages have it. */
export const oneOf = (words: readonly string[]): string => {
  const quoted = words.map((word) => `\`${word}\``);
  return [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].filter(Boolean).join(' or ');
};
