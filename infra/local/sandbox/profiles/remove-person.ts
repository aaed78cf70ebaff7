// Deletion, and the suppression that goes further. A deleted person comes back with the next operation that names
// them; whose identifiers are suppressed does not, until they are unsuppressed.

import { ACTIVITY_TYPES, type ActivityType, type Subject } from '../activity-log';
import type { ParsedRemovePerson, PersonRef } from '../parse/parsed-operation';
import { skip } from './person-operations';
import { type Reception, type State, subjectOf } from './state';

export const removePerson = (state: State, { kind, person: ref }: ParsedRemovePerson): Reception => {
  if (kind === 'delete') return deletePerson(state, ref);
  return kind === 'suppress' ? suppress(state, ref) : unsuppress(state, ref);
};

const deletePerson = (state: State, ref: PersonRef): Reception => {
  const person = state.people.find(ref);
  if (person === undefined) return skip(state, 'delete', ref, {});
  state.people.remove(person);
  return log(state, ACTIVITY_TYPES.personDeleted, 'delete', person);
};

/** All of the person's identifiers, whichever was named. Of somebody unknown, the one that was named. */
const suppress = (state: State, ref: PersonRef): Reception => {
  if (state.people.isSuppressed(ref)) return skip(state, 'suppress', ref, {});
  const person = state.people.find(ref);
  state.people.suppress(person?.identity ?? { [ref.by]: ref.value });
  if (person === undefined) {
    return log(state, ACTIVITY_TYPES.personSuppressed, 'suppress', subjectOf(state, ref));
  }
  state.people.remove(person);
  log(state, ACTIVITY_TYPES.personDeleted, 'suppress', person);
  person.isForgotten = true;
  return 'accepted';
};

/** Brings nobody back: it makes the identifiers free again, all that were suppressed with the one named. */
const unsuppress = (state: State, ref: PersonRef): Reception => {
  if (!state.people.unsuppress(ref)) return skip(state, 'unsuppress', ref, {});
  return log(state, ACTIVITY_TYPES.personUnsuppressed, 'unsuppress', subjectOf(state, ref));
};

const log = (state: State, type: ActivityType, name: string, subject: Subject): Reception => {
  state.log({ type, name, subject, attributes: {}, timestamp: state.now() });
  return 'accepted';
};
