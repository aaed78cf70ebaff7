// Operations of `type: object`, and the one of `type: delivery`.

import { MAX_ID_BYTES } from '../../../../lib/customerio/limits';
import type { JsonObject } from '../../../../lib/json/json-object';
import {
  ANONYMOUS_PERSON,
  KNOWN_PERSON,
  type Parser,
  type ParseSettings,
  readAttributes,
  readIdentifier,
  readObject,
  readObjectRef,
  readPerson,
  readRelationships,
  readText,
} from './parse-fields';
import type {
  ObjectRef,
  ParsedDeleteObject,
  ParsedIdentifyObject,
  ParsedMetric,
  ParsedObjectOperation,
  ParsedPersonRelationship,
  ParsedRelateObject,
  PersonRef,
} from './parsed-operation';
import type { Problems } from './problems';

const METRICS: readonly unknown[] = ['opened', 'converted', 'delivered'];

const identify: Parser<ParsedIdentifyObject> = (candidate, settings, problems) =>
  readIdentifyObject(candidate, readOptionalPeople(candidate, KNOWN_PERSON, settings, problems), problems);

/** The description's schema has `cio_relationships`, its example an `anonymous_id` at the root: both are taken. */
const identifyAnonymous: Parser<ParsedIdentifyObject> = (candidate, settings, problems) => {
  const related = readOptionalPeople(candidate, ANONYMOUS_PERSON, settings, problems);
  const { anonymous_id: value } = candidate;
  const anonymousId = value === undefined ? undefined : readIdentifier(value, 'anonymous_id', problems);
  if (anonymousId === undefined) return readIdentifyObject(candidate, related, problems);
  const beside = { person: { by: 'anonymous_id', value: anonymousId }, attributes: {} } as const;
  return readIdentifyObject(candidate, [...related, beside], problems);
};

const readIdentifyObject = (
  candidate: JsonObject,
  relationships: readonly ParsedPersonRelationship[],
  problems: Problems,
): ParsedIdentifyObject | undefined => {
  const object = readIdentifiers(candidate, problems);
  const attributes = readAttributes(candidate['attributes'], 'attributes', problems);
  return object === undefined ? undefined : { kind: 'identify_object', object, attributes, relationships };
};

const remove: Parser<ParsedDeleteObject> = (candidate, _settings, problems) => {
  const object = readIdentifiers(candidate, problems);
  return object === undefined ? undefined : { kind: 'delete_object', object };
};

const relate =
  (kind: ParsedRelateObject['kind']): Parser<ParsedRelateObject> =>
  (candidate, settings, problems) => {
    const object = readIdentifiers(candidate, problems);
    const relationships = readPeople(candidate, KNOWN_PERSON, settings, problems);
    return object === undefined ? undefined : { kind, object, relationships };
  };

const readIdentifiers = (candidate: JsonObject, problems: Problems): ObjectRef | undefined =>
  readObjectRef(candidate['identifiers'], 'identifiers', problems);

/** @param allowed `identify` relates known people, `identify_anonymous` those with an anonymous id alone. */
const readOptionalPeople = (
  candidate: JsonObject,
  allowed: readonly PersonRef['by'][],
  settings: ParseSettings,
  problems: Problems,
): ParsedPersonRelationship[] =>
  candidate['cio_relationships'] === undefined ? [] : readPeople(candidate, allowed, settings, problems);

const readPeople = (
  candidate: JsonObject,
  allowed: readonly PersonRef['by'][],
  settings: ParseSettings,
  problems: Problems,
): ParsedPersonRelationship[] => {
  const readEnd = (identifiers: unknown, field: string) =>
    readPerson(identifiers, field, allowed, settings, problems);
  return readRelationships(candidate['cio_relationships'], readEnd, problems).map(({ end, attributes }) => ({
    person: end,
    attributes,
  }));
};

const deliveryMetric: Parser<ParsedMetric> = (candidate, _settings, problems) => {
  const identifiers = readObject(candidate['identifiers'], 'identifiers', problems);
  const deliveryId = readText(identifiers['id'], 'identifiers.id', MAX_ID_BYTES, problems);
  const { name } = candidate;
  if (!METRICS.includes(name)) problems.add('invalid', 'name', 'name must be opened, converted or delivered');
  const attributes = readObject(candidate['attributes'], 'attributes', problems);
  readText(attributes['device_token'], 'attributes.device_token', MAX_ID_BYTES * 10, problems);
  if (deliveryId === undefined || typeof name !== 'string') return undefined;
  return { kind: 'delivery_metric', name, deliveryId, timestamp: undefined, attributes };
};

export const OBJECT_PARSERS: ReadonlyMap<string, Parser<ParsedObjectOperation>> = new Map<
  string,
  Parser<ParsedObjectOperation>
>([
  ['identify', identify],
  ['identify_anonymous', identifyAnonymous],
  ['delete', remove],
  ['add_relationships', relate('add_people')],
  ['delete_relationships', relate('delete_people')],
]);

export const DELIVERY_PARSERS: ReadonlyMap<string, Parser<ParsedMetric>> = new Map([
  ['event', deliveryMetric],
]);
