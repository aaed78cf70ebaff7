// track -> person/event of the same name, or an operation of a device.

import { isFault } from '../event/fault';
import { missingEventName } from '../event/find-fault';
import { findAnyone, type Who } from '../event/who';
import { readText } from './attributes';
import { fitName } from './derived-name';
import { translateDeviceEvent } from './device';
import { toEventOperation } from './event-operation';
import { type Mapper, type MappingInput, rejectedFor, type Translation } from './translation';

/** A device event that cannot become a device operation is an ordinary one: nothing is lost. */
export const translateTrack: Mapper = (input) => {
  const who = findAnyone(input.event, input.settings);
  if (isFault(who)) return rejectedFor(who);
  const name = readText(input.event['event']);
  if (name === undefined) return rejectedFor(missingEventName(input.event['event']));
  return translateDeviceEvent(input, who, name) ?? toNamedEvent(input, who, name);
};

const toNamedEvent = (input: MappingInput, who: Who, text: string): Translation => {
  const source = { attribute: 'event_name', text } as const;
  const name = fitName(source, input.settings);
  if (typeof name !== 'string') return rejectedFor(name);
  return toEventOperation(input, who, { action: 'event', name, source });
};
