// What an event became, within the limits that Customer.io has for attributes of people, devices, objects and relationships.
// Attributes of events have no limit but the size of the operation, so they pass.

import { MAX_ID_BYTES } from '../customerio/limits';
import type { Attributes, Operation } from '../customerio/operation';
import { type Adjustment, fitAttributes, fitsAll } from './fit-attributes';
import { type MappingSettings, rejected, type Translation } from './translation';

/** The same translation when everything fits, or the source wants it sent as it is. */
export const fitOperations = (translation: Translation, settings: MappingSettings): Translation => {
  const { oversizedAttributes } = settings;
  if (translation.outcome !== 'operations' || oversizedAttributes === 'send') return translation;
  // Stryker disable next-line ArrowFunction,ConditionalExpression: only spares most operations a closer look
  if (translation.operations.every((operation) => fits(operation, settings))) return translation;
  const adjustments: Adjustment[] = [];
  const shrink: Shrink = <Own extends Attributes>(attributes: Own): Own => {
    const fitted = fitAttributes(attributes, settings);
    adjustments.push(...fitted.adjustments);
    return fitted.attributes as Own;
  };
  const operations = translation.operations.map((operation) => {
    const related = withoutImpossibleRelationships(operation);
    if (related !== operation) adjustments.push({ attribute: RELATIONSHIP, did: 'dropped' });
    return fitOperation(related, shrink);
  });
  if (adjustments.length === 0) return translation;
  return oversizedAttributes === 'reject'
    ? rejected('invalid_event', tooLarge(adjustments.length))
    : { ...translation, operations, adjustments };
};

/** What has attributes or relationships with a limit. Events, of which most operations are one, have none. */
const LIMITED: ReadonlySet<Operation['action']> = new Set([
  'identify',
  'identify_anonymous',
  'add_device',
  'add_relationships',
  'delete_relationships',
]);

// Stryker disable ArrowFunction,BlockStatement,BooleanLiteral,ConditionalExpression,LogicalOperator: a no costs no more than the closer look

/** What nearly all do; the others are looked at again, and more closely. */
const fits = (operation: Operation, settings: MappingSettings): boolean => {
  if (!LIMITED.has(operation.action)) return true;
  const isWithin = (attributes: Attributes | undefined): boolean =>
    attributes === undefined || fitsAll(attributes, settings);
  return (
    isWithin('attributes' in operation ? operation.attributes : undefined) &&
    isWithin(operation.action === 'add_device' ? operation.device.attributes : undefined) &&
    (relationshipsOf(operation) ?? []).every(
      (one) => !hasTooLongId(one.identifiers) && isWithin(one.relationship_attributes),
    )
  );
};

// Stryker restore ArrowFunction,BlockStatement,BooleanLiteral,ConditionalExpression,LogicalOperator

const relationshipsOf = (operation: Operation): readonly Relationship[] | undefined =>
  'cio_relationships' in operation ? operation.cio_relationships : undefined;

const tooLarge = (count: number): string =>
  `attributes: ${count} beyond Customer.io's limits, which oversizedAttributes of the source rejects`;

/** What a dropped relationship is called among the attributes that were. */
const RELATIONSHIP = 'cio_relationships';

/**
 * A relationship to what Customer.io cannot have, because its id is too long, would cost the profile or the object
 * that it stands in. An operation that does nothing but relate has nothing else to save.
 */
const withoutImpossibleRelationships = (operation: Operation): Operation => {
  if (operation.action !== 'identify' || operation.cio_relationships === undefined) return operation;
  const { cio_relationships: relationships, ...others } = operation;
  // Stryker disable next-line MethodExpression: an identify has one relationship at most
  return relationships.some(({ identifiers }) => hasTooLongId(identifiers)) ? others : operation;
};

const hasTooLongId = (identifiers: object): boolean =>
  Object.entries(identifiers).some(
    ([name, id]) => ID_NAMES.has(name) && Buffer.byteLength(String(id)) > MAX_ID_BYTES,
  );

const ID_NAMES: ReadonlySet<string> = new Set(['id', 'object_id']);

/** What is cut of a text is text: a device has no other attributes. */
type Shrink = <Own extends Attributes>(attributes: Own) => Own;

const fitOperation = (operation: Operation, shrink: Shrink): Operation => {
  const own = fitOwn(operation, shrink);
  const relationships = relationshipsOf(own);
  if (relationships === undefined) return own;
  const fitted = relationships.map((relationship) => fitRelationship(relationship, shrink));
  return withRelationships(own, fitted);
};

const fitOwn = (operation: Operation, shrink: Shrink): Operation => {
  if (operation.action === 'add_device') {
    const { device } = operation;
    return { ...operation, device: { ...device, attributes: shrink(device.attributes) } };
  }
  if (operation.action !== 'identify' && operation.action !== 'identify_anonymous') return operation;
  return { ...operation, attributes: shrink(operation.attributes) };
};

interface Relationship {
  readonly identifiers: object;
  readonly relationship_attributes?: Attributes;
}

const withRelationships = <Owner extends Operation>(
  owner: Owner,
  relationships: readonly Relationship[],
): Owner => ({ ...owner, cio_relationships: relationships });

const fitRelationship = (relationship: Relationship, shrink: Shrink): Relationship => {
  const { relationship_attributes: attributes } = relationship;
  return attributes === undefined
    ? relationship
    : { ...relationship, relationship_attributes: shrink(attributes) };
};
