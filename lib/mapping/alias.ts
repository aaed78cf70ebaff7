// alias -> person/merge. Customer.io deletes the secondary person and cannot bring it back, so that both must
// be named outright: no email from the traits and no anonymousId stands in.

import type { AddressedPersonIdentifiers, MergePersons, PhoneIdentifiers } from '../customerio/operation';
import { type Fault, isFault } from '../event/fault';
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
  if (isPhoneAlone(primary)) return rejectedFor(noMergeByPhone('userId'));
  if (isPhoneAlone(secondary)) return rejectedFor(noMergeByPhone('previousId'));
  const operation: MergePersons = { type: 'person', action: 'merge', primary, secondary };
  return translated(operation, timestampMs);
};

const isPhoneAlone = (person: AddressedPersonIdentifiers): person is PhoneIdentifiers => 'phone' in person;

/** Taken for an id, the number would name somebody else, and a merge cannot be taken back. */
const noMergeByPhone = (field: 'userId' | 'previousId'): Fault => ({
  reason: 'invalid_event',
  detail: `${field}: a phone number; Customer.io merges people by id, email or cio_id`,
});
