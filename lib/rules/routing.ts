// Which events a rule means: by type, by name, by a condition on any field. All of it is made into functions once;
// what depends on type and name alone is told apart from what must be asked of each event.

import { isObject, type JsonObject } from '../json/json-object';
import { compileGlobs, type Matcher } from './glob';
import { asOverHttp, childOf, compileTest, isIdField, pathOf } from './paths';
import type { Condition, Selector } from './rule';

export type EventTest = (event: JsonObject) => boolean;

/** Undefined where an event has none. */
type Name = string | undefined;

export interface CompiledSelector {
  /** Whether events of this type and name can be meant at all. */
  readonly concerns: (type: unknown, name: Name) => boolean;
  /** What else must hold; undefined when nothing does. */
  readonly when: EventTest | undefined;
}

/** The name that a selector means, of a track, page or screen. */
export const nameOf = (event: JsonObject): Name => {
  // Stryker disable next-line ConditionalExpression,StringLiteral: only spares most events the look for where it stands
  const name = event['type'] === 'track' ? event['event'] : nameAt(event, placeOfName(event));
  return typeof name === 'string' ? name.trim() : undefined;
};

/** Where the name of an event stands. */
export type NamePlace = 'event' | 'name' | 'properties.name';

/** A screen is called by the first of three, as the mapping calls it. */
export const placeOfName = ({ type, name, properties }: JsonObject): NamePlace | undefined => {
  if (type === 'track') return 'event';
  if (type === 'page') return 'name';
  if (type !== 'screen') return undefined;
  if (isText(name)) return 'name';
  return isObject(properties) && isText(properties['name']) ? 'properties.name' : 'event';
};

const nameAt = (event: JsonObject, place: NamePlace | undefined): unknown => {
  if (place === 'properties.name') return childOf(event['properties'], 'name');
  return place && event[place];
};

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

export const compileSelector = ({ type, event, when }: Selector = {}): CompiledSelector => {
  const types: ReadonlySet<unknown> | undefined = type === undefined ? undefined : new Set([type].flat());
  const matchesName = event === undefined ? undefined : compileGlobs([event].flat());
  return {
    concerns: (itsType, name) =>
      (types === undefined || types.has(itsType)) &&
      (matchesName === undefined || (name !== undefined && matchesName(name))),
    when: when === undefined ? undefined : compileCondition(when),
  };
};

const compileCondition = (condition: Condition): EventTest => {
  if ('all' in condition) return allOf(condition.all.map(compileCondition));
  if ('any' in condition) return anyOf(condition.any.map(compileCondition));
  if ('not' in condition) return not(compileCondition(condition.not));
  const path = pathOf(condition.field);
  const holds = compileTest(path, isIdField(path) ? idTest(condition) : valueTest(condition));
  return 'exists' in condition && !condition.exists ? not(holds) : holds;
};

const idTest = (condition: FieldCondition): ValueTest => {
  const test = valueTest(condition, asText);
  return (id) => test(asOverHttp(id) ?? null);
};

const asText = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);

const allOf =
  (tests: readonly EventTest[]): EventTest =>
  (event) =>
    tests.every((test) => test(event));

const anyOf =
  (tests: readonly EventTest[]): EventTest =>
  (event) =>
    tests.some((test) => test(event));

const not =
  (test: EventTest): EventTest =>
  (event) =>
    !test(event);

/** A null is no value: senders write it for what they do not know. */
const isThere = (value: unknown): boolean => value !== null;

type FieldCondition = Extract<Condition, { readonly field: string }>;
type ValueTest = (value: unknown) => boolean;

/** @param written what the settings' own values are compared as. */
const valueTest = (condition: FieldCondition, written = (value: unknown) => value): ValueTest => {
  if ('exists' in condition) return isThere;
  if ('matches' in condition) return textTest(compileGlobs([condition.matches].flat()));
  if ('equals' in condition) {
    const expected = written(condition.equals);
    return (value) => value === expected;
  }
  const values: ReadonlySet<unknown> = new Set(condition.oneOf.map(written));
  return (value) => values.has(value);
};

/** A number is matched by its digits: ids come as either. */
const textTest =
  (matches: Matcher) =>
  (value: unknown): boolean =>
    (typeof value === 'string' || typeof value === 'number') && matches(String(value));
