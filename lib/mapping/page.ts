// page -> person/page, named by the page's name, else by where it is.

import { isFault } from '../event/fault';
import { findAnyone } from '../event/who';
import { objectOrEmpty, readText } from './attributes';
import { fitName, type NameSource } from './derived-name';
import { toEventOperation } from './event-operation';
import { type Mapper, type MappingInput, rejectedFor } from './translation';

export const translatePage: Mapper = (input) => {
  const who = findAnyone(input.event, input.settings);
  if (isFault(who)) return rejectedFor(who);
  const source = pageName(input);
  if (source === undefined) return toEventOperation(input, who, { action: 'page', name: 'Page View' });
  const name = fitName(source, input.settings);
  if (typeof name !== 'string') return rejectedFor(name);
  return toEventOperation(input, who, { action: 'page', name, source });
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
