// One operation's effect on a workspace. Whoever is suppressed is left alone by all of them.

import { ACTIVITY_TYPES } from '../activity-log';
import type { ParsedMetric, ParsedOperation, PersonRef } from '../parse/parsed-operation';
import { identify } from './identify-person';
import { deleteObject, identifyObject, relateObject, relatePerson } from './object-operations';
import { addDevice, deleteDevice, merge, recordEvent, skip } from './person-operations';
import { removePerson } from './remove-person';
import type { Reception, State } from './state';

export const applyOperation = (state: State, operation: ParsedOperation): Reception => {
  const person = personOf(operation);
  const isSuppressed = person !== undefined && state.people.isSuppressed(person);
  return isSuppressed ? skip(state, operation.kind, person, {}) : change(state, operation);
};

/** Whose suppression would stop the operation. */
const personOf = (operation: ParsedOperation): PersonRef | undefined => {
  if (operation.kind === 'merge') return operation.primary;
  if (operation.kind === 'suppress' || operation.kind === 'unsuppress') return undefined;
  return 'person' in operation ? operation.person : undefined;
};

const change = (state: State, operation: ParsedOperation): Reception => {
  switch (operation.kind) {
    case 'identify':
      return identify(state, operation);
    case 'event':
    case 'page':
    case 'screen':
    case 'viewed_content':
    case 'clicked_content':
      return recordEvent(state, operation);
    case 'add_device':
      return addDevice(state, operation);
    case 'delete_device':
      return deleteDevice(state, operation);
    case 'merge':
      return merge(state, operation);
    case 'delete':
    case 'suppress':
    case 'unsuppress':
      return removePerson(state, operation);
    case 'add_relationships':
    case 'delete_relationships':
      return relatePerson(state, operation);
    case 'identify_object':
      return identifyObject(state, operation);
    case 'delete_object':
      return deleteObject(state, operation);
    case 'add_people':
    case 'delete_people':
      return relateObject(state, operation);
    case 'delivery_metric':
      return logMetric(state, operation);
  }
};

const logMetric = (state: State, { name, deliveryId, timestamp, attributes }: ParsedMetric): Reception => {
  const subject = { identity: { delivery_id: deliveryId } };
  const type = ACTIVITY_TYPES.deliveryMetric;
  state.log({ type, name, subject, attributes, timestamp: timestamp ?? state.now() });
  return 'accepted';
};
