// The traits of an identify, for all that speaks of `traits`: SDKs that keep them in the context write none beside it.

import { isObject, type JsonObject } from '../json/json-object';
import { readAt } from './paths';

/** The event with the traits that it means in their place; the event itself where they stand there, or it has none. */
export const withOwnTraits = (event: JsonObject): JsonObject => {
  if (event['type'] !== 'identify' || isObject(event['traits'])) return event;
  const traits = readAt(event, ['context', 'traits']);
  return isObject(traits) ? { ...event, traits } : event;
};
