// track -> person/event of the same name, or an operation of a device.

import { readText } from './attributes';
import { translateDeviceEvent } from './device';
import { toEventOperation } from './event-operation';
import { type Mapper, rejected, typeName } from './translation';

/** A device event that cannot become a device operation is an ordinary one: nothing is lost. */
export const translateTrack: Mapper = (input) => {
  const name = readText(input.event['event']);
  if (name === undefined) {
    const got = typeName(input.event['event']);
    return rejected('missing_event_name', `event: expected a string that is not blank, got ${got}`);
  }
  return translateDeviceEvent(input, name) ?? toEventOperation(input, 'event', name);
};
