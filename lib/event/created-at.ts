// When a person was created, as a trait says it. The rule: what is no time is another trait, and not ours to drop.

import { toUnixSeconds } from './format-time';
import { parseTime } from './parse-time';

/** Unix seconds, null for the null that removes the attribute, undefined for what is no time since 1970. */
export const parseCreatedAt = (value: unknown): number | null | undefined => {
  if (value === null) return null;
  const ms = parseTime(value);
  return ms === undefined || ms < 0 ? undefined : toUnixSeconds(ms);
};

/** A form field left empty: it says nothing, and Customer.io refuses it as a time, so it is not sent on. */
export const isEmptyCreatedAt = (value: unknown): boolean => typeof value === 'string' && value.trim() === '';
