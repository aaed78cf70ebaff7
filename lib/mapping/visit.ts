// When a known person was last seen, as an attribute of theirs: what Segment's classic destination sets before it
// sends the event of an active visitor.

import type { IdentifyPerson } from '../customerio/operation';
import { toUnixSeconds } from '../event/format-time';
import type { Who } from '../event/who';
import { asUpdate } from './create-people';
import { knownPerson } from './identity';
import type { MappingSettings, Translation } from './translation';

/** Customer.io keeps the newest of it, because the operation has the time of the visit. Unix seconds. */
const LAST_VISIT = '_last_visit';

/** The view with the visit before it, where the source wants that and the visitor is known. */
export const withVisit = (view: Translation, who: Who, settings: MappingSettings): Translation => {
  if (settings.lastVisit !== true || view.outcome !== 'operations' || who.by === 'anonymous_id') return view;
  const timestamp = toUnixSeconds(view.timestampMs);
  const visit: IdentifyPerson = {
    type: 'person',
    action: 'identify',
    identifiers: knownPerson(who, settings),
    timestamp,
    attributes: asUpdate({ [LAST_VISIT]: timestamp }, settings),
  };
  return { ...view, operations: [visit, ...view.operations] };
};
