// page -> person/page, named by the page's name, else by where it is.

import { objectOrEmpty, readText } from './attributes';
import { type NameSource, shortenName } from './derived-name';
import { toEventOperation } from './event-operation';
import type { Mapper, MappingInput } from './translation';

export const translatePage: Mapper = (input) => {
  const source = pageName(input);
  if (source === undefined) return toEventOperation(input, 'page', 'Page View');
  return toEventOperation(input, 'page', shortenName(source), source);
};

const pageName = ({ event }: MappingInput): NameSource | undefined => {
  const properties = objectOrEmpty(event['properties']);
  const page = objectOrEmpty(objectOrEmpty(event['context'])['page']);
  return (
    nameFrom('name', event['name']) ??
    nameFrom('url', properties['url']) ??
    nameFrom('url', page['url']) ??
    nameFrom('path', properties['path'])
  );
};

const nameFrom = (attribute: NameSource['attribute'], value: unknown): NameSource | undefined => {
  const text = readText(value);
  return text === undefined ? undefined : { attribute, text };
};
