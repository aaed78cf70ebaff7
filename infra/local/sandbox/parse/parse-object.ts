// Operations of `type: object`, and the one of `type: delivery`.

import { MAX_ID_BYTES } from '../../../../lib/customerio/limits';
import type { JsonObject } from '../../../../lib/json/json-object';
import {
  ANONYMOUS_PERSON,
  KNOWN_PERSON,
  type Parser,
  type ParseSettings,
  readAttributes,
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
  ParsedRelateObject,
  PersonRef,
  PersonRelationship,
} from './parsed-operation';
import type { Problems } from './problems';

const METRICS: readonly unknown[] = ['opened', 'converted', 'delivered'];

/** @param allowed `identify` relates known people, `identify_anonymous` those with an anonymous id alone. */
const identify =
  (allowed: readonly PersonRef['by'][]): Parser<ParsedIdentifyObject> =>
  (candidate, settings, problems) => {
    const object = readIdentifiers(candidate, problems);
    const attributes = readAttributes(candidate['attributes'], 'attributes', problems);
    const isRelated = candidate['cio_relationships'] !== undefined;
    const relationships = isRelated ? readPeople(candidate, allowed, settings, problems) : [];
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

const readPeople = (
  candidate: JsonObject,
  allowed: readonly PersonRef['by'][],
  settings: ParseSettings,
  problems: Problems,
): PersonRelationship[] => {
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
  return { kind: 'delivery_metric', name, deliveryId, attributes };
};

export const OBJECT_PARSERS: ReadonlyMap<string, Parser<ParsedObjectOperation>> = new Map<
  string,
  Parser<ParsedObjectOperation>
>([
  ['identify', identify(KNOWN_PERSON)],
  ['identify_anonymous', identify(ANONYMOUS_PERSON)],
  ['delete', remove],
  ['add_relationships', relate('add_people')],
  ['delete_relationships', relate('delete_people')],
]);

export const DELIVERY_PARSERS: ReadonlyMap<string, Parser<ParsedMetric>> = new Map([
  ['event', deliveryMetric],
]);
