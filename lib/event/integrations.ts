// Whether an event is meant for Customer.io at all, as its sender says in `integrations`. The rule: every spelling
// of our name counts, because a misspelt "no" that is not heard delivers what its sender has forbidden.

import { isObject, type JsonObject } from '../json/json-object';

/** More names of ours, from the settings of the source. */
export type OwnNames = readonly string[] | undefined;

const OUR_NAME = 'customerio';

/**
 * Any yes to us (true, or an object of options) wins over any no, because a sender that names us twice names two
 * destinations of which one is gone; then `All`; else yes.
 */
export const isForCustomerIo = (integrations: unknown, ownNames?: OwnNames): boolean => {
  if (!isObject(integrations)) return true;
  let isForbidden = false;
  for (const name in integrations) {
    const answer = integrations[name];
    if (!isAnswer(answer) || !isOurName(name, ownNames)) continue;
    if (answer !== false) return true;
    isForbidden = true;
  }
  // The Go SDK writes `all` small.
  return !isForbidden && (integrations['All'] ?? integrations['all']) !== false;
};

/**
 * The choices of a batch for one event. What the event says of us itself, in whatever spelling, takes the place of a yes.
 * A no stays: beside a yes it says nothing, and a workspace that does not know the event's name for us still hears it.
 */
export const withoutOverruled = (shared: JsonObject, own: JsonObject, ownNames: OwnNames): JsonObject => {
  const isNamed = Object.entries(own).some(([name, answer]) => isAnswer(answer) && isOurName(name, ownNames));
  return isNamed ? withoutYes(shared, ownNames) : shared;
};

/** The choices of one event without those that say nothing where its batch says something by that name. */
export const withoutSilent = (own: JsonObject, shared: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(own).filter(([name, answer]) => isAnswer(answer) || !Object.hasOwn(shared, name)),
  );

/** Go spells the default of unnamed destinations in lower case. */
export const withProperAll = (integrations: JsonObject): JsonObject => {
  if (integrations['all'] === undefined) return integrations;
  const { all, ...named } = integrations;
  return { ...named, All: named['All'] ?? all };
};

/** A no to us under every name of ours that stands there, and under the first. */
export const withOptOut = (integrations: JsonObject, ownNames: OwnNames): JsonObject => {
  const entries = Object.entries(integrations);
  return {
    ...Object.fromEntries(
      entries.map(([name, answer]) => [name, isOurName(name, ownNames) ? false : answer]),
    ),
    'Customer.io': false,
  };
};

const withoutYes = (integrations: JsonObject, ownNames: OwnNames): JsonObject =>
  Object.fromEntries(
    Object.entries(integrations).filter(([name, answer]) => answer === false || !isOurName(name, ownNames)),
  );

/** Anything else (null, a word, a number) says nothing. */
const isAnswer = (answer: unknown): boolean =>
  typeof answer === 'boolean' || (typeof answer === 'object' && answer !== null);

/** `Customer.io`, `Actions Customerio`, `Customer.io (Actions)`, `CUSTOMERIO`: the letters alone decide. */
const isOurName = (name: string, ownNames: OwnNames = []): boolean => {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: only spares the names of others the look at each letter
  if (name.length < OUR_NAME.length && ownNames.length === 0) return false;
  return bare(name.replace(/\d/g, '')) === OUR_NAME || ownNames.some((own) => bare(own) === bare(name));
};

/** Letters and digits in lower case, with neither `actions` before nor behind. */
const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .replace(/^actions|actions$/g, '');
