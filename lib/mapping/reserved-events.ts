// The names of track events that act: Segment's, Customer.io's own SDKs' and RudderStack's. One table says what each
// needs and what it becomes. The rule: without what it needs an event of such a name is an ordinary one, never lost.

import type {
  ContentAction,
  ObjectIdentifiers,
  ObjectRelationship,
  RemovePerson,
} from '../customerio/operation';
import type { KnownWho, Who } from '../event/who';
import type { JsonObject } from '../json/json-object';
import { objectOrEmpty, readText } from './attributes';
import { reportDelivery } from './delivery-metric';
import { addDevice, deleteDevice } from './device';
import { toEventOperation } from './event-operation';
import { knownPerson } from './identity';
import { findObject, objectIdOfProperties } from './object';
import { type MappingInput, type MappingSettings, type Translation, translated } from './translation';

type Act = (input: MappingInput, who: Who) => Translation | undefined;

export interface ReservedEvent {
  /** Whom it needs and what else, in the words of the table in docs/reserved-events.md. */
  readonly needs: string;
  /** The operation, `type/action` in a batch; or the endpoint. */
  readonly becomes: string;
  readonly act: Act;
}

const KNOWN = 'a known person';
const DEVICE = `${KNOWN}, a device \`token\` in \`context.device\` or \`properties.device\``;
const DEVICE_OF_A_PLATFORM = `${DEVICE}, of an Apple system or Android`;
const OBJECT = '`objectId` among the properties, else `groupId` or `context.groupId`';

type Row = readonly [name: string, needs: string, becomes: string, act: Act];

/** Acts for a known person; undefined for a visitor, whom these operations do not take. */
const ofKnown =
  (act: (input: MappingInput, who: KnownWho) => Translation | undefined): Act =>
  (input, who) =>
    who.by === 'anonymous_id' ? undefined : act(input, who);

const removePerson = (action: RemovePerson['action']): Act =>
  ofKnown(({ settings, timestampMs }, who) =>
    translated({ type: 'person', action, identifiers: knownPerson(who, settings) }, timestampMs),
  );

const deleteObject: Act = ({ event, settings, timestampMs }) => {
  const identifiers = objectOf(event, settings);
  return identifiers && translated({ type: 'object', action: 'delete', identifiers }, timestampMs);
};

const deleteRelationship = ofKnown(({ event, settings, timestampMs }, who) => {
  const object = objectOf(event, settings);
  if (object === undefined) return undefined;
  const related: readonly ObjectRelationship[] = [{ identifiers: object }];
  const identifiers = knownPerson(who, settings);
  return translated(
    { type: 'person', action: 'delete_relationships', identifiers, cio_relationships: related },
    timestampMs,
  );
});

const CONTENT_ACTIONS: ReadonlyMap<unknown, ContentAction> = new Map([
  ['viewed_content', 'viewed_content'],
  ['clicked_content', 'clicked_content'],
]);

const reportContent: Act = (input, who) => {
  const { actionType, action_type, ...properties } = propertiesOf(input.event);
  const action = CONTENT_ACTIONS.get(readText(actionType) ?? readText(action_type));
  if (action === undefined) return undefined;
  return toEventOperation({ ...input, event: { ...input.event, properties } }, who, { action, name: action });
};

const objectOf = (event: JsonObject, settings: MappingSettings): ObjectIdentifiers | undefined => {
  const properties = propertiesOf(event);
  return findObject(objectIdOfProperties(properties), properties, event, settings);
};

const propertiesOf = (event: JsonObject): JsonObject => objectOrEmpty(event['properties']);

const ROWS: readonly Row[] = [
  ['User Deleted', KNOWN, 'person/delete', removePerson('delete')],
  ['User Suppressed', KNOWN, 'person/suppress', removePerson('suppress')],
  ['User Unsuppressed', KNOWN, 'person/unsuppress', removePerson('unsuppress')],
  ['Application Installed', DEVICE_OF_A_PLATFORM, 'person/add_device', ofKnown(addDevice)],
  ['Application Opened', DEVICE_OF_A_PLATFORM, 'person/add_device', ofKnown(addDevice)],
  ['Application Updated', DEVICE_OF_A_PLATFORM, 'person/add_device', ofKnown(addDevice)],
  ['Device Created or Updated', DEVICE_OF_A_PLATFORM, 'person/add_device', ofKnown(addDevice)],
  ['Application Uninstalled', DEVICE, 'person/delete_device', ofKnown(deleteDevice)],
  ['Device Deleted', DEVICE, 'person/delete_device', ofKnown(deleteDevice)],
  ['Object Deleted', OBJECT, 'object/delete', deleteObject],
  ['Relationship Deleted', `${KNOWN}, ${OBJECT}`, 'person/delete_relationships', deleteRelationship],
  [
    'Report Delivery Event',
    '`deliveryId` and a `metric` that Customer.io has',
    'delivery/event, or POST /api/v1/metrics',
    reportDelivery,
  ],
  [
    'Report Content Event',
    '`actionType`: `viewed_content` or `clicked_content`',
    'person/viewed_content or person/clicked_content',
    reportContent,
  ],
];

export const RESERVED_EVENTS: ReadonlyMap<string, ReservedEvent> = new Map(
  ROWS.map(([name, needs, becomes, act]) => [name, { needs, becomes, act }]),
);
