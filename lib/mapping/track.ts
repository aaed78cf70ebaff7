// track -> person/event of the same name, or an operation of a device.

import { isFault } from '../event/fault';
import { missingEventName } from '../event/find-fault';
import { findAnyone } from '../event/who';
import { readText } from './attributes';
import { translateDeviceEvent } from './device';
import { toEventOperation } from './event-operation';
import { type Mapper, rejectedFor } from './translation';

/** A device event that cannot become a device operation is an ordinary one: nothing is lost. */
export const translateTrack: Mapper = (input) => {
  const who = findAnyone(input.event, input.settings);
  if (isFault(who)) return rejectedFor(who);
  const name = readText(input.event['event']);
  if (name === undefined) return rejectedFor(missingEventName(input.event['event']));
  return translateDeviceEvent(input, who, name) ?? toEventOperation(input, who, { action: 'event', name });
};
