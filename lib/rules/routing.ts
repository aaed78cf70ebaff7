// Which events a rule means: by type, by name, by a condition on any field. All of it is made into functions once;
// what depends on type and name alone is told apart from what must be asked of each event.

import type { JsonObject } from '../json/json-object';
import { compileGlobs, type Matcher } from './glob';
import { compileTest, parsePath } from './paths';
import type { Condition, Scalar, Selector } from './rule';

export type EventTest = (event: JsonObject) => boolean;

/** Undefined where an event has none. */
type Name = string | undefined;

export interface CompiledSelector {
  /** Whether events of this type and name can be meant at all. */
  readonly concerns: (type: unknown, name: Name) => boolean;
  /** What else must hold; undefined when nothing does. */
  readonly when: EventTest | undefined;
}

/** The name that a selector means: of a track its `event`, of a page or screen its `name`. */
export const nameOf = (event: JsonObject): Name => {
  const field = nameFieldOf(event);
  const name = field === undefined ? undefined : event[field];
  return typeof name === 'string' ? name.trim() : undefined;
};

/** The field that names an event of its type. */
export const nameFieldOf = ({ type }: JsonObject): 'event' | 'name' | undefined => {
  if (type === 'track') return 'event';
  return type === 'page' || type === 'screen' ? 'name' : undefined;
};

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
  const path = parsePath(condition.field) ?? [];
  if (!('exists' in condition)) return compileTest(path, valueTest(condition));
  return condition.exists ? compileTest(path, isThere) : not(compileTest(path, isThere));
};

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

type ValueCondition = Extract<Condition, { equals: Scalar } | { oneOf: unknown } | { matches: unknown }>;

const valueTest = (condition: ValueCondition): ((value: unknown) => boolean) => {
  if ('equals' in condition) return (value) => value === condition.equals;
  if ('matches' in condition) return textTest(compileGlobs([condition.matches].flat()));
  const values: ReadonlySet<unknown> = new Set(condition.oneOf);
  return (value) => values.has(value);
};

/** A number is matched by its digits: ids come as either. */
const textTest =
  (matches: Matcher) =>
  (value: unknown): boolean =>
    (typeof value === 'string' || typeof value === 'number') && matches(String(value));
