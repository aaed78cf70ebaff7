// screen -> person/event `Viewed {name} Screen`, as Segment's classic destination names it.

import { objectOrEmpty, readText } from './attributes';
import { maxNameBytes, shortenName } from './derived-name';
import { toEventOperation } from './event-operation';
import type { Mapper } from './translation';

export const translateScreen: Mapper = (input) => {
  const { event } = input;
  const text = readText(event['name']) ?? readText(objectOrEmpty(event['properties'])['name']);
  if (text === undefined) return toEventOperation(input, 'event', screenName('Undefined'));
  const source = { attribute: 'name', text } as const;
  const name = screenName(shortenName(source, maxNameBytes(screenName(''))));
  return toEventOperation(input, 'event', name, source);
};

const screenName = (name: string): string => `Viewed ${name} Screen`;
