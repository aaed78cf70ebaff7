// What happens to people besides identify: events, devices, merges.

import type { JsonObject } from '../../../../lib/json/json-object';
import { ACTIVITY_TYPES } from '../activity-log';
import type {
  ParsedAddDevice,
  ParsedDeleteDevice,
  ParsedEvent,
  ParsedMerge,
  PersonRef,
} from '../parse/parsed-operation';
import { setAttributes } from './attribute-store';
import { findOrCreatePerson, type Reception, type State, subjectOf } from './state';

const EVENT_ACTIVITIES = {
  event: ACTIVITY_TYPES.event,
  page: ACTIVITY_TYPES.page,
  screen: ACTIVITY_TYPES.screen,
  viewed_content: ACTIVITY_TYPES.viewedContent,
  clicked_content: ACTIVITY_TYPES.clickedContent,
} as const;

/** An event with a ULID that was seen before changes nothing, not even whether the person exists. */
export const recordEvent = (state: State, operation: ParsedEvent): Reception => {
  const { id, name, attributes, person: ref } = operation;
  if (id !== undefined && state.eventIds.has(id)) return 'duplicate';
  const timestamp = operation.timestamp ?? state.now();
  const person = findOrCreatePerson(state, ref, timestamp);
  const type = person === undefined ? ACTIVITY_TYPES.failedEvent : EVENT_ACTIVITIES[operation.kind];
  state.log({ type, name, subject: person ?? subjectOf(state, ref), attributes, timestamp });
  if (person === undefined) return 'accepted';
  person.events += 1;
  if (id !== undefined) state.eventIds.add(id);
  return 'accepted';
};

/** `last_used` orders the updates of a device as `timestamp` does those of a person. */
export const addDevice = (state: State, operation: ParsedAddDevice): Reception => {
  const { token, platform, attributes, person: ref } = operation;
  const lastUsed = operation.lastUsed ?? state.now();
  const logged = { token, platform, last_used: lastUsed, ...attributes };
  const person = findOrCreatePerson(state, ref, lastUsed);
  if (person === undefined) return skip(state, operation.kind, ref, logged);
  const existing = person.devices.get(token);
  const device = existing ?? { platform, lastUsed, attributes: new Map() };
  setAttributes(device.attributes, attributes, lastUsed);
  person.devices.set(token, lastUsed >= device.lastUsed ? { ...device, platform, lastUsed } : device);
  const name = existing === undefined ? 'Device added' : 'Device updated';
  const type = ACTIVITY_TYPES.deviceChange;
  state.log({ type, name, subject: person, attributes: logged, timestamp: lastUsed });
  return 'accepted';
};

export const deleteDevice = (state: State, { kind, token, person: ref }: ParsedDeleteDevice): Reception => {
  const person = state.people.find(ref);
  if (person === undefined || !person.devices.delete(token)) return skip(state, kind, ref, { token });
  const type = ACTIVITY_TYPES.deviceChange;
  const attributes = { token };
  state.log({ type, name: 'Device deleted', subject: person, attributes, timestamp: state.now() });
  return 'accepted';
};

/** Does nothing unless both exist; they may not yet, when the identify is still on its way. */
export const merge = (
  state: State,
  { kind, primary: primaryRef, secondary: secondaryRef }: ParsedMerge,
): Reception => {
  const primary = state.people.find(primaryRef);
  const secondary = state.people.find(secondaryRef);
  const attributes = { secondary: { [secondaryRef.by]: secondaryRef.value } };
  if (primary === undefined || secondary === undefined || primary === secondary) {
    return skip(state, kind, primaryRef, attributes);
  }
  state.people.absorb(primary, secondary);
  const type = ACTIVITY_TYPES.personMerged;
  state.log({ type, name: secondaryRef.value, subject: primary, attributes, timestamp: state.now() });
  return 'accepted';
};

/** Accepted, and no profile changed by it. */
export const skip = (state: State, name: string, ref: PersonRef, attributes: JsonObject): Reception => {
  const type = ACTIVITY_TYPES.skippedUpdate;
  state.log({ type, name, subject: subjectOf(state, ref), attributes, timestamp: state.now() });
  return 'accepted';
};
