// Keeps an activity event inside Segment's limit. Only message content may go, and what went is said; an
// event that is too large without it is for the caller to reject, never to shorten further.

import { MAX_EVENT_BYTES } from '../../event/segment-limits';
import type { JsonObject } from '../../json/json-object';
import type { ActivityEvent } from './activity-event';
import { inCase, type PropertyCase } from './property-case';

/** What Customer.io adds for its option "Body Content", in the order it is given up. */
const MESSAGE_CONTENT = ['content', 'headers'] as const;

/** The event, without message content where that is what makes it too large; undefined when it is still so. */
export const fitIntoLimit = (event: ActivityEvent, propertyCase: PropertyCase): ActivityEvent | undefined => {
  let fitting = event;
  for (const field of MESSAGE_CONTENT) {
    if (isWithinLimit(fitting)) return fitting;
    fitting = { ...fitting, properties: withoutContent(fitting.properties, field, propertyCase) };
  }
  return isWithinLimit(fitting) ? fitting : undefined;
};

const isWithinLimit = (event: ActivityEvent): boolean =>
  Buffer.byteLength(JSON.stringify(event)) <= MAX_EVENT_BYTES;

const withoutContent = (properties: JsonObject, field: string, propertyCase: PropertyCase): JsonObject => {
  if (!Object.hasOwn(properties, field)) return properties;
  const { [field]: _content, ...others } = properties;
  return { ...others, [inCase(`${field}_truncated`, propertyCase)]: true };
};
