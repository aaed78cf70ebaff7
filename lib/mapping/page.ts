// page -> person/page, named by the page's name and by where it is, in the order the source wants.

import { isFault } from '../event/fault';
import { findAnyone, type Who } from '../event/who';
import { objectOrEmpty, readText } from './attributes';
import { fitName, type NameSource } from './derived-name';
import { type NamedEvent, toEventOperation } from './event-operation';
import { type Mapper, type MappingInput, rejectedFor, type Translation } from './translation';
import { withVisit } from './visit';

export const translatePage: Mapper = (input) => {
  const who = findAnyone(input.event, input.settings);
  if (isFault(who)) return rejectedFor(who);
  const source = pageName(input);
  if (source === undefined) return toPageView(input, who, { name: 'Page View' });
  return toPageView(input, who, { name: fitName(source, input.settings), source });
};

const toPageView = (input: MappingInput, who: Who, named: Omit<NamedEvent, 'action'>): Translation =>
  withVisit(toEventOperation(input, who, { action: 'page', ...named }), who, input.settings);

const pageName = ({ event, settings }: MappingInput): NameSource | undefined => {
  const properties = objectOrEmpty(event['properties']);
  const page = objectOrEmpty(objectOrEmpty(event['context'])['page']);
  const name = nameFrom('name', event['name']);
  const url = nameFrom('url', properties['url']) ?? nameFrom('url', page['url']);
  const preferred = settings.pageName === 'url' ? (url ?? name) : (name ?? url);
  return preferred ?? nameFrom('path', properties['path']);
};

const nameFrom = (attribute: NameSource['attribute'], value: unknown): NameSource | undefined => {
  const text = readText(value);
  return text === undefined ? undefined : { attribute, text };
};
