// Whether an identify may create a person. The API can say so of an identify alone: an event of somebody the
// workspace does not know creates them whatever is set here.

import type { JsonObject } from '../json/json-object';
import type { MappingSettings } from './translation';

/** Attributes of an identify; with `_update` it does nothing where nobody has these identifiers. */
export const asUpdate = (attributes: JsonObject, { createPeople }: MappingSettings): JsonObject =>
  createPeople === 'never' ? { ...attributes, _update: true } : attributes;
