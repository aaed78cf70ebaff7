// The trait `address` as RudderStack takes it apart: its parts become attributes of their own. The rule: nothing is
// lost; what a trait of that name says already wins, and parts it does not know stay in `address`.

import { isObject, type JsonObject } from '../json/json-object';

const PARTS: readonly string[] = ['city', 'country', 'postalCode', 'state', 'street'];

/** The attributes themselves when there is no address to take apart. */
export const flattenAddress = (attributes: JsonObject): JsonObject => {
  const { address, ...others } = attributes;
  if (!isObject(address)) return attributes;
  const entries = Object.entries(address);
  const isOwnAttribute = ([part]: [string, unknown]): boolean =>
    PARTS.includes(part) && !Object.hasOwn(others, part);
  const left = entries.filter((entry) => !isOwnAttribute(entry));
  const rest = left.length === 0 && entries.length > 0 ? {} : { address: Object.fromEntries(left) };
  return { ...others, ...Object.fromEntries(entries.filter(isOwnAttribute)), ...rest };
};
