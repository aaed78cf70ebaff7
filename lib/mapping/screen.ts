// screen -> person/event `Viewed {name} Screen`, as Segment's classic destination names it.

import { isFault } from '../event/fault';
import { findAnyone } from '../event/who';
import type { JsonObject } from '../json/json-object';
import { objectOrEmpty, readText } from './attributes';
import { fitName, maxNameBytes } from './derived-name';
import { toEventOperation } from './event-operation';
import { type Mapper, rejectedFor } from './translation';

export const translateScreen: Mapper = (input) => {
  const { event, settings } = input;
  const who = findAnyone(event, settings);
  if (isFault(who)) return rejectedFor(who);
  const text = readName(event);
  if (text === undefined) {
    return toEventOperation(input, who, { action: 'event', name: screenName('Undefined') });
  }
  const source = { attribute: 'name', text } as const;
  const name = fitName(source, settings, maxNameBytes(screenName('')));
  if (typeof name !== 'string') return rejectedFor(name);
  return toEventOperation(input, who, { action: 'event', name: screenName(name), source });
};

const readName = ({ name, properties, event }: JsonObject): string | undefined =>
  readText(name) ?? readText(objectOrEmpty(properties)['name']) ?? readText(event);

const screenName = (name: string): string => `Viewed ${name} Screen`;
