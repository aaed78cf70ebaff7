// Turns ISO-8601 strings into Unix seconds, at any depth. The rule: the input is never changed, and where
// nothing is to convert the very same value comes back, so that an event without dates costs no copy.

import { toUnixSeconds } from '../event/format-time';
import { parseIsoDate } from '../event/iso-date';
import { type JsonObject, MAX_NESTING } from '../json/json-object';

/** The setting `convertTimestamps`: all dates, none, or all but some. */
export type DateConversion = boolean | { readonly except: readonly string[] };

/**
 * The same object where its dates are to stay, or it has none.
 * @param path where it stands in the event, as exceptions have it: `traits`, `properties`.
 */
export const convertAsSet = (object: JsonObject, conversion: DateConversion, path: string): JsonObject => {
  if (conversion === false) return object;
  return conversion === true
    ? convertDates(object)
    : convertDates(object, { paths: conversion.except, path });
};

/** What stays as it is: keys joined by dots; what is in an array counts as in what holds the array. */
export interface Exceptions {
  readonly paths: readonly string[];
  /** Where the object itself stands. */
  readonly path: string;
}

/** The same object when it holds no date. Keys and their order stay, and so does all that is nested too deep. */
export const convertDates = (object: JsonObject, exceptions?: Exceptions, depth = 1): JsonObject => {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const value = object[key];
    const inside = exceptions && { ...exceptions, path: `${exceptions.path}.${key}` };
    if (inside?.paths.includes(inside.path)) continue;
    const converted = convertValue(value, inside, depth);
    if (converted === value) continue;
    copy ??= { ...object };
    // The copy has the key as its own already, so that this sets a value even when it is called `__proto__`.
    copy[key] = converted;
  }
  return copy ?? object;
};

const convertValue = (value: unknown, exceptions: Exceptions | undefined, depth: number): unknown => {
  if (typeof value === 'string') return convertText(value);
  // Stryker disable next-line ConditionalExpression,LogicalOperator: only spares what holds nothing the closer look
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_NESTING) return value;
  return Array.isArray(value)
    ? convertArray(value, exceptions, depth + 1)
    : convertDates(value as JsonObject, exceptions, depth + 1);
};

const convertArray = (
  array: readonly unknown[],
  exceptions: Exceptions | undefined,
  depth: number,
): readonly unknown[] => {
  let copy: unknown[] | undefined;
  // Stryker disable next-line EqualityOperator: one step too far meets undefined, which stays as it is
  for (let index = 0; index < array.length; index += 1) {
    const converted = convertValue(array[index], exceptions, depth);
    if (converted === array[index]) continue;
    copy ??= [...array];
    copy[index] = converted;
  }
  return copy ?? array;
};

/** Dates before 1970 stay text: Customer.io's timestamps begin there. */
const convertText = (text: string): string | number => {
  const ms = parseIsoDate(text);
  return ms === undefined || ms < 0 ? text : toUnixSeconds(ms);
};
