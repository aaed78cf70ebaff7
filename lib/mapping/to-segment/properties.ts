// The properties of an activity event: everything Customer.io sent, under the names Segment's email spec has
// for it. A key is renamed only where the new name is free, so no value is ever lost to another.

import type { JsonObject } from '../../json/json-object';
import { inCase, type PropertyCase } from './property-case';
import { textOf } from './text-of';

type Names = Readonly<Record<string, string>>;

/** Segment's email spec, https://segment.com/docs/connections/spec/email/; links are in every channel. */
const SEGMENT_NAMES: Names = { href: 'link_url' };
const SEGMENT_EMAIL_NAMES: Names = { ...SEGMENT_NAMES, subject: 'email_subject' };

/** Where RudderStack's Customer.io source differs by more than the case; a link is also `{url, id}` there. */
const RUDDERSTACK_NAMES: Names = { failure_message: 'reason' };

/**
 * @param fields the webhook's own fields and those of its `data`, under Customer.io's names.
 * Values stay as they came, nested ones included. An email also has `email_id`, which is its `delivery_id`.
 */
export const toProperties = (
  objectType: string,
  fields: JsonObject,
  propertyCase: PropertyCase,
): JsonObject => {
  const properties =
    objectType === 'email'
      ? renameKeys(withEmailId(fields), (key) => nameIn(SEGMENT_EMAIL_NAMES, key))
      : renameKeys(fields, (key) => nameIn(SEGMENT_NAMES, key));
  if (propertyCase === 'snake') return properties;
  return renameKeys(withLink(properties), (key) => inCase(nameIn(RUDDERSTACK_NAMES, key), propertyCase));
};

const nameIn = (names: Names, key: string): string => (Object.hasOwn(names, key) && names[key]) || key;

const withEmailId = (fields: JsonObject): JsonObject => {
  const deliveryId = textOf(fields['delivery_id']);
  return deliveryId === undefined ? fields : { email_id: deliveryId, ...fields };
};

const withLink = (properties: JsonObject): JsonObject => {
  const { link_url: url, link_id: id, ...others } = properties;
  const isClick = url !== undefined || id !== undefined;
  if (!isClick || Object.hasOwn(properties, 'link')) return properties;
  return { ...others, link: { ...(url !== undefined && { url }), ...(id !== undefined && { id }) } };
};

const renameKeys = (fields: JsonObject, nameOf: (key: string) => string): JsonObject => {
  const taken = new Set(Object.keys(fields));
  const entries = Object.entries(fields).map(([key, value]): [string, unknown] => {
    const name = nameOf(key);
    if (taken.has(name)) return [key, value];
    taken.add(name);
    return [name, value];
  });
  return Object.fromEntries(entries);
};
