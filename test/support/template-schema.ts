// A compiled template against CloudFormation's own resource types: known properties, their types, and those that are
// required. The database has no patterns and no enumerations; what an intrinsic function gives is taken as right.

import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType } from '@aws-cdk/service-spec-types';
import type { Resources } from './package';

const spec = loadAwsServiceSpecSync();

type Properties = Readonly<Record<string, Property>>;

/** Like `EventQueue.Properties.Colour does not exist`. */
export const schemaMistakes = (resources: Resources): string[] =>
  Object.entries(resources).flatMap(([id, { Type: type, Properties: value }]) => {
    const found = spec.lookup('resource', 'cloudFormationType', 'equals', type);
    if (found.length === 0) return [`${id}: there is no type ${type}`];
    return objectMistakes(value, found.only().properties, id);
  });

const objectMistakes = (value: unknown, properties: Properties, path: string): string[] => {
  if (!isRecord(value)) return [`${path} must be an object`];
  if (isIntrinsic(value)) return [];
  const missing = Object.entries(properties).filter(([name, { required }]) => required && !(name in value));
  return [
    ...missing.map(([name]) => `${path}.${name} is required`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const property = properties[name];
      if (property === undefined) return [`${path}.${name} does not exist`];
      return valueMistakes(item, property.type, `${path}.${name}`);
    }),
  ];
};

const valueMistakes = (value: unknown, type: PropertyType, path: string): string[] => {
  if (isRecord(value) && isIntrinsic(value)) return [];
  switch (type.type) {
    case 'ref':
      return objectMistakes(value, spec.get('typeDefinition', type.reference.$ref).properties, path);
    case 'array':
      if (!Array.isArray(value)) return [`${path} must be a list`];
      return value.flatMap((item, index) => valueMistakes(item, type.element, `${path}[${index}]`));
    case 'union':
      return type.types.some((one) => valueMistakes(value, one, path).length === 0)
        ? []
        : [`${path} is of none of its types`];
    default:
      return isOfType(value, type.type) ? [] : [`${path} must be of type ${type.type}`];
  }
};

/** CloudFormation takes numbers and booleans as text too; what the text says must be one. */
const isOfType = (value: unknown, type: PropertyType['type']): boolean => {
  switch (type) {
    case 'string':
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    case 'integer':
      return /^-?\d+$/.test(`${value}`);
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(`${value}`);
    case 'boolean':
      return /^(true|false)$/.test(`${value}`);
    default:
      return value !== null;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIntrinsic = (value: Record<string, unknown>): boolean => {
  const [name = '', ...others] = Object.keys(value);
  return others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
};
