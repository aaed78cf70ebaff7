// The fields that operations share, each checked against what the Track API description allows. A reader
// reports what is wrong and answers undefined; it never throws and never guesses.

import {
  MAX_ATTRIBUTE_NAME_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_EVENT_NAME_BYTES,
  MAX_ID_BYTES,
} from '../../../../lib/customerio/limits';
import { isObject, type JsonObject } from '../../../../lib/json/json-object';
import { textExceeds } from './json-size';
import type { GivenIdentifier, ObjectRef, PersonRef } from './parsed-operation';
import type { Problems } from './problems';

export interface ParseSettings {
  /** The identifiers by which this workspace finds people. */
  readonly givenIdentifiers: readonly GivenIdentifier[];
}

/** One action of one type. Undefined when an identifier or a required field is missing. */
export type Parser<T> = (candidate: JsonObject, settings: ParseSettings, problems: Problems) => T | undefined;

/** What names a person in merges, and at the other end of an object's relationship. */
export const KNOWN_PERSON = ['id', 'email', 'cio_id'] as const;
/** The description lists `phone` among the identifiers of a person's own operations, and nowhere else. */
export const ADDRESSED_PERSON = [...KNOWN_PERSON, 'phone'] as const;
/** `anonymous_id` is not in the description's list of identifiers, but works for events; Segment's destination relies on it. */
export const ANY_PERSON = [...ADDRESSED_PERSON, 'anonymous_id'] as const;
export const ANONYMOUS_PERSON = ['anonymous_id'] as const;

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
/** As the description has it: a plus and up to 15 digits. */
const E164 = /^\+\d{1,15}$/;
const OBJECT_TYPE_ID = /^[1-9]\d*$/;

export const readText = (
  value: unknown,
  field: string,
  maxBytes: number,
  problems: Problems,
): string | undefined => {
  if (value === undefined || value === null || value === '') {
    return problems.add('required', field, `${field} is required`);
  }
  if (typeof value !== 'string') return problems.add('invalid', field, `${field} must be a string`);
  if (textExceeds(value, maxBytes)) {
    return problems.add('too_long', field, `${field} cannot be longer than ${maxBytes} bytes`);
  }
  return value;
};

/** Leading and trailing spaces are no part of an event's name. */
export const readName = (value: unknown, problems: Problems): string | undefined =>
  readText(typeof value === 'string' ? value.trim() : value, 'name', MAX_EVENT_NAME_BYTES, problems);

/** So large a number is milliseconds: as seconds it would be the year 5138, and win over every later update. */
const MIN_MILLISECONDS = 1e11;

export const readTimestamp = (value: unknown, field: string, problems: Problems): number | undefined => {
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && value < MIN_MILLISECONDS
    ? value
    : problems.add('invalid', field, `${field} must be an integer Unix timestamp in seconds`);
};

export const readUlid = (value: unknown, problems: Problems): string | undefined => {
  if (value === undefined) return undefined;
  return typeof value === 'string' && ULID.test(value)
    ? value.toUpperCase()
    : problems.add('invalid', 'id', 'id must be a valid ULID');
};

export const readObject = (value: unknown, field: string, problems: Problems): JsonObject => {
  if (isObject(value)) return value;
  if (value !== undefined) problems.add('invalid', field, `${field} must be an object`);
  return {};
};

/** Attributes of a person, an object or a relationship: the three share their limits. */
export const readAttributes = (value: unknown, field: string, problems: Problems): JsonObject => {
  const attributes = readObject(value, field, problems);
  const names = Object.keys(attributes);
  if (names.length > MAX_ATTRIBUTES) {
    problems.add('too_many', field, `${field} cannot have more than ${MAX_ATTRIBUTES} attributes`);
  }
  for (const name of names) checkAttribute(name, attributes[name], field, problems);
  return attributes;
};

const checkAttribute = (name: string, value: unknown, field: string, problems: Problems): void => {
  if (textExceeds(name, MAX_ATTRIBUTE_NAME_BYTES)) {
    const message = `attribute name cannot be longer than ${MAX_ATTRIBUTE_NAME_BYTES} bytes`;
    problems.add('too_long', `${field}.${name}`, message);
  }
  // How an object or array is counted is documented nowhere: refusing one would be an invention. See docs/limits.md.
  if (typeof value === 'string' && textExceeds(value, MAX_ATTRIBUTE_VALUE_BYTES)) {
    const message = `value for attribute '${name}' cannot be longer than ${MAX_ATTRIBUTE_VALUE_BYTES} bytes`;
    problems.add('too_long', `${field}.${name}`, message);
  }
};

export const readPerson = (
  value: unknown,
  field: string,
  allowed: readonly PersonRef['by'][],
  settings: ParseSettings,
  problems: Problems,
): PersonRef | undefined => {
  const choice = allowed.filter((by) => identifies(by, settings));
  const expected = `${field} must hold exactly one of ${choice.join(', ')}`;
  if (!isObject(value)) return problems.add('required', field, expected);
  const names = Object.keys(value);
  const by = choice.find((candidate) => candidate === names[0]);
  if (by === undefined || names.length > 1) {
    return problems.add('invalid', field, `${expected}; it holds ${names.join(', ') || 'none'}`);
  }
  const text = readIdentifier(value[by], `${field}.${by}`, problems);
  if (text === undefined) return undefined;
  if (by !== 'phone' || E164.test(text)) return { by, value: text };
  return problems.add('invalid', `${field}.${by}`, `${field}.${by} must be in E.164 format`);
};

const identifies = (by: PersonRef['by'], { givenIdentifiers }: ParseSettings): boolean =>
  by === 'cio_id' || by === 'anonymous_id' || givenIdentifiers.includes(by);

/** A number is as good as a string: Customer.io takes both. */
export const readIdentifier = (value: unknown, field: string, problems: Problems): string | undefined => {
  const maxBytes = field.endsWith('.email') ? MAX_ATTRIBUTE_VALUE_BYTES : MAX_ID_BYTES;
  return readText(typeof value === 'number' ? String(value) : value, field, maxBytes, problems);
};

export const readObjectRef = (value: unknown, field: string, problems: Problems): ObjectRef | undefined => {
  const expected = `${field} must hold object_type_id and object_id, or cio_object_id alone`;
  if (!isObject(value)) return problems.add('required', field, expected);
  if ('cio_object_id' in value) {
    if (Object.keys(value).length > 1) return problems.add('invalid', field, expected);
    const cioObjectId = readIdentifier(value['cio_object_id'], `${field}.cio_object_id`, problems);
    return cioObjectId === undefined ? undefined : { cioObjectId };
  }
  const objectTypeId = readObjectTypeId(value['object_type_id'], `${field}.object_type_id`, problems);
  const objectId = readIdentifier(value['object_id'], `${field}.object_id`, problems);
  return objectTypeId === undefined || objectId === undefined ? undefined : { objectTypeId, objectId };
};

const readObjectTypeId = (value: unknown, field: string, problems: Problems): string | undefined => {
  const text = readText(value, field, MAX_ID_BYTES, problems);
  if (text === undefined || OBJECT_TYPE_ID.test(text)) return text;
  return problems.add('invalid', field, `${field} must be a whole number from 1, as a string`);
};

/** @param readEnd reads the other end of one relationship. */
export const readRelationships = <T>(
  value: unknown,
  readEnd: (identifiers: unknown, field: string) => T | undefined,
  problems: Problems,
): { end: T; attributes: JsonObject }[] => {
  if (!Array.isArray(value)) {
    problems.add('invalid', 'cio_relationships', 'cio_relationships must be an array');
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    const field = `cio_relationships[${index}]`;
    if (!isObject(item)) return problems.add('invalid', field, `${field} must be an object`) ?? [];
    const end = readEnd(item['identifiers'], `${field}.identifiers`);
    const attributesField = `${field}.relationship_attributes`;
    const attributes = readAttributes(item['relationship_attributes'], attributesField, problems);
    return end === undefined ? [] : [{ end, attributes }];
  });
};
