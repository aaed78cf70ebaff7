// What the operations of one workspace work on, and what several of them do.

import { ACTIVITY_TYPES, type ActivityEntry } from '../activity-log';
import type { GivenIdentifier, PersonRef } from '../parse/parsed-operation';
import type { Objects } from './objects';
import { isKnown, type People, type Person } from './people';

export interface State {
  readonly people: People;
  readonly objects: Objects;
  /** ULIDs of the events that count; another event with one of them is ignored. */
  readonly eventIds: Set<string>;
  /**
   * The identifiers by which this workspace finds people. What is not among them, such as a phone, is an attribute
   * like any other.
   */
  readonly givenIdentifiers: readonly GivenIdentifier[];
  /** Customer.io's workspace setting "Allow updates to email using ID". */
  readonly emailUpdatesById: boolean;
  /** Unix seconds. */
  now(): number;
  log(entry: ActivityEntry): void;
}

/** What became of an operation that was not refused: a duplicate is an event whose ULID was seen before. */
export type Reception = 'accepted' | 'duplicate';

/** Everybody but who is addressed by a `cio_id` that does not exist comes into being when first mentioned. */
export const findOrCreatePerson = (state: State, ref: PersonRef, timestamp: number): Person | undefined => {
  const found = state.people.find(ref);
  if (found !== undefined || ref.by === 'cio_id') return found;
  const person = state.people.create(ref);
  if (isKnown(person)) {
    state.log({ type: ACTIVITY_TYPES.personCreated, name: '', subject: person, attributes: {}, timestamp });
  }
  return person;
};

/** For the log: whoever the identifiers lead to, or the identifiers themselves. */
export const subjectOf = (state: State, ref: PersonRef): { identity: object } =>
  state.people.find(ref) ?? { identity: { [ref.by]: ref.value } };
