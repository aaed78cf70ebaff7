// Attributes within Customer.io's limits: one that is too long must not cost the whole profile. The rule: nothing is
// taken away that Customer.io would take, and nothing is cut that names a person.

import {
  MAX_ATTRIBUTE_NAME_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_ID_BYTES,
} from '../customerio/limits';
import type { JsonObject } from '../json/json-object';
import { cutToBytes, isLongerThan } from '../text';

/** What was changed of an attribute, for whoever shows or counts it. The name is the event's own: it is not logged. */
export interface Adjustment {
  readonly attribute: string;
  readonly did: 'dropped' | 'cut';
}

export interface Fitted {
  /** The given object itself when all of it fits. */
  readonly attributes: JsonObject;
  readonly adjustments: readonly Adjustment[];
}

export interface AttributeLimits {
  readonly attributes: number;
  readonly attributeNameBytes: number;
  readonly attributeValueBytes: number;
}

export interface FitSettings {
  readonly oversizedAttributes?: 'drop' | 'truncate' | 'reject' | 'send' | undefined;
  /** The workspace's own limits, where they are higher than those the API documents. */
  readonly limits?: AttributeLimits | undefined;
}

/**
 * The limits in the Track API description, for people, objects and relationships; a workspace may have higher ones.
 */
const DOCUMENTED: AttributeLimits = {
  attributes: MAX_ATTRIBUTES,
  attributeNameBytes: MAX_ATTRIBUTE_NAME_BYTES,
  attributeValueBytes: MAX_ATTRIBUTE_VALUE_BYTES,
};

/** Attributes that Customer.io itself reads: they are the last to go when there are too many. */
const RESERVED: ReadonlySet<string> = new Set([
  'id',
  'email',
  'phone',
  'anonymous_id',
  'created_at',
  'unsubscribed',
  'cio_subscription_preferences',
  '_update',
]);

/** How Customer.io has one topic or channel of somebody's subscriptions changed: an opt-out, often. */
const PREFERENCE = 'cio_subscription_preferences.';

const isReserved = (name: string): boolean => RESERVED.has(name) || name.startsWith(PREFERENCE);

/** Attributes that are never cut: half of such a value would name somebody else. */
const NAMING: ReadonlySet<string> = new Set(['id', 'email', 'phone', 'anonymous_id']);

const NOTHING: readonly Adjustment[] = Object.freeze([]);

/** The attributes within the limits: what is too long or too many is dropped, or cut where that is set and can be. */
export const fitAttributes = (
  attributes: JsonObject,
  { oversizedAttributes, limits = DOCUMENTED }: FitSettings,
): Fitted => {
  if (fitsAll(attributes, { limits })) return { attributes, adjustments: NOTHING };
  const tooLong = Object.keys(attributes).filter((name) => isTooLong(name, attributes[name], limits));
  const isCut = (name: string): boolean => oversizedAttributes === 'truncate' && canBeCut(name, limits);
  const dropped = new Set(tooLong.filter((name) => !isCut(name)));
  for (const name of surplus(attributes, dropped, limits)) dropped.add(name);
  const cut = tooLong.filter((name) => !dropped.has(name));
  const copy: Record<string, unknown> = { ...attributes };
  for (const name of dropped) delete copy[name];
  for (const name of cut) copy[name] = cutToBytes(String(attributes[name]), limits.attributeValueBytes);
  return { attributes: copy, adjustments: [...noteAll(dropped, 'dropped'), ...noteAll(cut, 'cut')] };
};

/** What nearly all attributes do. */
export const fitsAll = (attributes: JsonObject, { limits = DOCUMENTED }: FitSettings): boolean => {
  let count = 0;
  for (const name in attributes) {
    count += 1;
    if (count > limits.attributes || isTooLong(name, attributes[name], limits)) return false;
  }
  return true;
};

const noteAll = (names: Iterable<string>, did: Adjustment['did']): Adjustment[] =>
  Array.from(names, (attribute) => ({ attribute, did }));

/**
 * Text alone has a known length: of objects and arrays the description does not say how they are counted, so they are
 * sent, and Customer.io has the word.
 */
const isTooLong = (name: string, value: unknown, limits: AttributeLimits): boolean =>
  isLongerThan(name, limits.attributeNameBytes) ||
  (typeof value === 'string' &&
    isLongerThan(value, name === 'id' ? MAX_ID_BYTES : limits.attributeValueBytes));

const canBeCut = (name: string, limits: AttributeLimits): boolean =>
  !NAMING.has(name) && !isLongerThan(name, limits.attributeNameBytes);

/** The names of the attributes that are too many: the last ones, except those that Customer.io reads. */
const surplus = (
  attributes: JsonObject,
  dropped: ReadonlySet<string>,
  limits: AttributeLimits,
): readonly string[] => {
  const names = Object.keys(attributes);
  const count = names.length - dropped.size - limits.attributes;
  return count <= 0 ? [] : names.filter((name) => !dropped.has(name) && !isReserved(name)).slice(-count);
};
