// group -> person/identify, as Segment's classic destination has it: what is said of the group stands on the person as
// `Group <trait>`. For workspaces without objects.

import { toUnixSeconds } from '../event/format-time';
import type { GroupMembers } from '../event/who';
import { objectOrEmpty, toAttributes } from './attributes';
import { asUpdate } from './create-people';
import { knownPerson } from './identity';
import { withRootFields } from './root-fields';
import {
  type MappingInput,
  rejected,
  rejectedWithoutTime,
  skipped,
  type Translation,
  translated,
} from './translation';

const PREFIX = 'Group ';

export const toGroupAttributes = (
  { event, settings, timestampMs }: MappingInput,
  { groupId, member }: GroupMembers,
): Translation => {
  if (member === undefined || member.by === 'anonymous_id') {
    return member !== undefined && settings.anonymousEvents === 'skip' ? skipped('anonymous_event') : NOBODY;
  }
  if (timestampMs === undefined) return rejectedWithoutTime();
  const traits = toAttributes(withRootFields(objectOrEmpty(event['traits']), event), settings, 'traits');
  const prefixed = Object.entries(traits).map(([name, value]) => [PREFIX + name, value]);
  const attributes = asUpdate({ ...Object.fromEntries(prefixed), [`${PREFIX}id`]: groupId }, settings);
  const identifiers = knownPerson(member, settings);
  const timestamp = toUnixSeconds(timestampMs);
  return translated({ type: 'person', action: 'identify', identifiers, timestamp, attributes }, timestampMs);
};

const NOBODY = rejected(
  'missing_identifier',
  'userId: expected somebody known; groups of this source are attributes of a person',
);
