// Names within Customer.io's limit: a page view must not be refused for the length of its URL, nor an event for that
// of its name, unless the source wants it so. What does not fit stays whole among the attributes.

import { MAX_EVENT_NAME_BYTES } from '../customerio/limits';
import type { Fault } from '../event/fault';
import type { JsonObject } from '../json/json-object';
import { cutToBytes, isLongerThan } from '../text';
import { withAttribute } from './attributes';
import type { MappingSettings } from './translation';

/** Where a name comes from. */
export interface NameSource {
  /** The attribute that holds it whole: `event_name` what a track is called, the others what a page is. */
  readonly attribute: 'event_name' | 'name' | 'url' | 'path';
  readonly text: string;
}

/** What a name may take beside the words around it. */
export const maxNameBytes = (wordsAround: string): number =>
  MAX_EVENT_NAME_BYTES - Buffer.byteLength(wordsAround);

/** The text, or so much of it as fits; a fault where the source has what is too long rejected. */
export const fitName = (
  source: NameSource,
  { longNames }: MappingSettings,
  maxBytes = MAX_EVENT_NAME_BYTES,
): string | Fault => {
  if (!isLongerThan(source.text, maxBytes)) return source.text;
  return longNames === 'reject' ? tooLong(source, maxBytes) : shortenName(source, maxBytes);
};

const tooLong = ({ attribute }: NameSource, maxBytes: number): Fault => ({
  reason: 'invalid_event',
  detail: `${attribute === 'event_name' ? 'event' : attribute}: a name of more than ${maxBytes} bytes, which longNames of the source rejects`,
});

/** A URL loses its query and fragment first. */
const shortenName = ({ attribute, text }: NameSource, maxBytes: number): string => {
  const isLocation = attribute === 'url' || attribute === 'path';
  const essential = isLocation ? text.replace(/(?<=.)[?#].*/s, '') : text;
  return cutToBytes(essential, maxBytes).trimEnd();
};

/** The attributes, with the text that a shortened name lacks. */
export const withWholeName = (
  attributes: JsonObject,
  { attribute, text }: NameSource,
  name: string,
): JsonObject => (name.includes(text) ? attributes : withAttribute(attributes, attribute, text));
