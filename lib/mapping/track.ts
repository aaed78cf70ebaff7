// track -> person/event of the same name, or what a reserved name stands for.

import { isFault } from '../event/fault';
import { missingEventName } from '../event/find-fault';
import { findAnyone, type Who } from '../event/who';
import { readText } from './attributes';
import { fitName } from './derived-name';
import { toEventOperation } from './event-operation';
import { RESERVED_EVENTS } from './reserved-events';
import { type Mapper, type MappingInput, rejectedFor, type Translation } from './translation';

/** A reserved event that lacks what it needs is an ordinary one: nothing is lost. */
export const translateTrack: Mapper = (input) => {
  const who = findAnyone(input.event, input.settings);
  if (isFault(who)) return rejectedFor(who);
  const name = readText(input.event['event']);
  if (name === undefined) return rejectedFor(missingEventName(input.event['event']));
  const reserved = input.settings.reservedEvents === false ? undefined : RESERVED_EVENTS.get(name);
  return reserved?.act(input, who) ?? toNamedEvent(input, who, name);
};

const toNamedEvent = (input: MappingInput, who: Who, text: string): Translation => {
  const source = { attribute: 'event_name', text } as const;
  const name = fitName(source, input.settings);
  return toEventOperation(input, who, { action: 'event', name, source });
};
