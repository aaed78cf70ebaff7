// Events whose names act at Customer.io. Deletions, suppressions and the like have no time there, so each stands in one
// unit with what it ends, of a person, an object or a device that no other unit speaks of.

import type { JsonObject } from '../../lib/json/json-object';
import {
  behaviour,
  delivered,
  envelope,
  type Maker,
  type PlannedEvent,
  type Stage,
  viaSdk,
} from './planned-event';
import { trace } from './trace';

const trackOf = (
  stage: Stage,
  call: { readonly userId: string; readonly event: string; readonly [field: string]: unknown },
  left: string,
): PlannedEvent => delivered(stage, { ...envelope(stage), ...call, type: 'track' }, left);

const visitOf = (stage: Stage, userId: string): PlannedEvent =>
  behaviour(stage, { type: 'track', userId, event: 'Visited' });

const deletion: Maker = (next) => {
  const [visited, deleted] = [next(), next()];
  const userId = `leaver-${visited.number}`;
  return viaSdk(
    visitOf(visited, userId),
    trackOf(deleted, { userId, event: 'User Deleted' }, trace.deleted(userId)),
  );
};

const suppression: Maker = (next) => {
  const [visited, suppressed] = [next(), next()];
  const userId = `hidden-${visited.number}`;
  return viaSdk(
    visitOf(visited, userId),
    trackOf(suppressed, { userId, event: 'User Suppressed' }, trace.suppressed(userId)),
  );
};

const suppressionEnded: Maker = (next) => {
  const [suppressed, freed] = [next(), next()];
  const userId = `returner-${suppressed.number}`;
  return viaSdk(
    trackOf(suppressed, { userId, event: 'User Suppressed' }, trace.suppressed(userId)),
    trackOf(freed, { userId, event: 'User Unsuppressed' }, trace.unsuppressed(userId)),
  );
};

/** Among the properties, as Customer.io's SDKs have it. */
const device: Maker = (next) => {
  const stage = next();
  const userId = stage.person;
  const token = `token-${stage.number}`;
  const properties = { device: { token, type: 'android' } };
  return viaSdk(
    trackOf(stage, { userId, event: 'Device Created or Updated', properties }, trace.device(userId, token)),
  );
};

const deviceDeleted: Maker = (next) => {
  const created = next();
  const deleted = next();
  const userId = created.person;
  const token = `token-${created.number}`;
  const call = { userId, properties: { device: { token, type: 'ios' } } };
  return viaSdk(
    trackOf(created, { ...call, event: 'Device Created or Updated' }, trace.deviceAdded(token)),
    trackOf(deleted, { ...call, event: 'Device Deleted' }, trace.deviceDeleted(token)),
  );
};

const groupOf = (stage: Stage, groupId: string, left: string): PlannedEvent => {
  const traits = { [trace.attributeName(stage.number)]: true };
  return delivered(stage, { ...envelope(stage), type: 'group', userId: stage.person, groupId, traits }, left);
};

const objectDeleted: Maker = (next) => {
  const [grouped, deleted] = [next(), next()];
  const objectId = `project-${grouped.number}`;
  const call = { userId: grouped.person, event: 'Object Deleted', properties: { objectId } };
  return viaSdk(
    groupOf(grouped, objectId, trace.objectCreated(objectId)),
    trackOf(deleted, call, trace.objectDeleted(objectId)),
  );
};

const relationshipDeleted: Maker = (next) => {
  const [grouped, ended] = [next(), next()];
  const objectId = `team-${grouped.number}`;
  const call = { userId: grouped.person, event: 'Relationship Deleted', properties: { object_id: objectId } };
  return viaSdk(
    groupOf(grouped, objectId, trace.objectAttribute(objectId, grouped.number)),
    trackOf(ended, call, trace.relationshipDeleted(objectId)),
  );
};

const deliveryMetric =
  (about: JsonObject): Maker =>
  (next) => {
    const stage = next();
    const deliveryId = `delivery-${stage.number}`;
    const properties = { ...about, deliveryId };
    const call = { userId: stage.person, event: 'Report Delivery Event', properties };
    return viaSdk(trackOf(stage, call, trace.metric(deliveryId)));
  };

const content: Maker = (next, dice) => {
  const stage = next();
  const actionType = dice.pick(['viewed_content', 'clicked_content']);
  const call = { type: 'track', userId: stage.person, event: 'Report Content Event' };
  return viaSdk(behaviour(stage, call, { actionType }));
};

export const RESERVED_EVENTS: readonly Maker[] = [
  deletion,
  suppression,
  suppressionEnded,
  device,
  deviceDeleted,
  objectDeleted,
  relationshipDeleted,
  // One that a batch can say, and one that only the metrics endpoint takes.
  deliveryMetric({ metric: 'opened', device: { token: 'token-of-a-push', type: 'ios' } }),
  deliveryMetric({ metric: 'clicked', href: 'https://example.com/' }),
  content,
];
