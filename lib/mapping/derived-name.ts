// Names that the relay makes for pages and screens, within Customer.io's limit: nobody chose them for it, and a
// page view must not be refused for the length of its URL. What does not fit stays whole among the attributes.

import { MAX_EVENT_NAME_BYTES } from '../customerio/limits';
import type { JsonObject } from '../json/json-object';
import { cutToBytes } from '../text';

/** Where a name comes from. */
export interface NameSource {
  /** The attribute that holds it whole. */
  readonly attribute: 'name' | 'url' | 'path';
  readonly text: string;
}

/** What a name may take beside the words around it. */
export const maxNameBytes = (wordsAround: string): number =>
  MAX_EVENT_NAME_BYTES - Buffer.byteLength(wordsAround);

/** The text, or so much of it as fits; a URL loses its query and fragment first. */
export const shortenName = ({ attribute, text }: NameSource, maxBytes = MAX_EVENT_NAME_BYTES): string => {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const essential = attribute === 'name' ? text : text.replace(/(?<=.)[?#].*/s, '');
  return cutToBytes(essential, maxBytes).trimEnd();
};

/** The attributes, with the text that a shortened name lacks; what stands there already stays. */
export const withWholeName = (
  attributes: JsonObject,
  { attribute, text }: NameSource,
  name: string,
): JsonObject =>
  name.includes(text) || Object.hasOwn(attributes, attribute)
    ? attributes
    : { ...attributes, [attribute]: text };
