// alias -> person/merge. Customer.io deletes the secondary person and cannot bring it back, so that both must
// be named outright: no email from the traits and no anonymousId stands in.

import type { MergePersons } from '../customerio/operation';
import { isFault } from '../event/fault';
import { findAliased } from '../event/who';
import { isSamePerson, personById } from './identity';
import { type Mapper, rejectedFor, skipped, translated } from './translation';

/** Browsers send an alias of a person to itself after an identify; merging it would delete the person. */
export const translateAlias: Mapper = ({ event, settings, timestampMs }) => {
  const aliased = findAliased(event, settings);
  if (isFault(aliased)) return rejectedFor(aliased);
  const primary = personById(aliased.userId, settings);
  const secondary = personById(aliased.previousId, settings);
  if (isSamePerson(primary, secondary)) return skipped('alias_to_itself');
  const operation: MergePersons = { type: 'person', action: 'merge', primary, secondary };
  return translated(operation, timestampMs);
};
