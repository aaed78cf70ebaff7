// alias -> person/merge. Customer.io deletes the secondary person and cannot bring it back, so that both must
// be named outright: no email from the traits and no anonymousId stands in.

import type { MergePersons } from '../customerio/operation';
import { EXPECTED_ID, isSamePerson, personById } from './identity';
import { type Mapper, rejected, skipped, translated } from './translation';

/** Browsers send an alias of a person to itself after an identify; merging it would delete the person. */
export const translateAlias: Mapper = ({ event, settings, timestampMs }) => {
  const primary = personById(event['userId'], settings);
  const secondary = personById(event['previousId'], settings);
  if (primary === undefined) return rejectedWithout('userId');
  if (secondary === undefined) return rejectedWithout('previousId');
  if (isSamePerson(primary, secondary)) return skipped('alias_to_itself');
  const operation: MergePersons = { type: 'person', action: 'merge', primary, secondary };
  return translated(operation, timestampMs);
};

const rejectedWithout = (field: string) =>
  rejected('missing_identifier', `${field}: expected ${EXPECTED_ID}`);
