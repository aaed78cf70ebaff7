// screen -> person/event `Viewed {name} Screen`, as Segment's classic destination names it.

import { isFault } from '../event/fault';
import { findAnyone } from '../event/who';
import { objectOrEmpty, readText } from './attributes';
import { maxNameBytes, shortenName } from './derived-name';
import { toEventOperation } from './event-operation';
import { type Mapper, rejectedFor } from './translation';

export const translateScreen: Mapper = (input) => {
  const { event } = input;
  const who = findAnyone(event, input.settings);
  if (isFault(who)) return rejectedFor(who);
  const text =
    readText(event['name']) ??
    readText(objectOrEmpty(event['properties'])['name']) ??
    readText(event['event']);
  if (text === undefined)
    return toEventOperation(input, who, { action: 'event', name: screenName('Undefined') });
  const source = { attribute: 'name', text } as const;
  const name = screenName(shortenName(source, maxNameBytes(screenName(''))));
  return toEventOperation(input, who, { action: 'event', name, source });
};

const screenName = (name: string): string => `Viewed ${name} Screen`;
