// Every operation of the Track API v2, as the sandbox holds it once it is parsed: identifiers resolved to one,
// texts trimmed, every limit kept. What is in here can be applied without another check.

import type { JsonObject } from '../../../../lib/json/json-object';

/** What a sender may give to a person to find them by; `cio_id` is Customer.io's own. */
export type GivenIdentifier = 'id' | 'email' | 'phone';

/** Exactly one identifier of a person; `value` is a string whatever the JSON held. */
export interface PersonRef {
  readonly by: GivenIdentifier | 'cio_id' | 'anonymous_id';
  readonly value: string;
}

export type ObjectRef =
  | { readonly objectTypeId: string; readonly objectId: string }
  | { readonly cioObjectId: string };

export interface ParsedPersonRelationship {
  readonly person: PersonRef;
  readonly attributes: JsonObject;
}

export interface ParsedObjectRelationship {
  readonly object: ObjectRef;
  readonly attributes: JsonObject;
}

export interface ParsedIdentify {
  readonly kind: 'identify';
  readonly person: PersonRef;
  /** Unix seconds; absent means now. */
  readonly timestamp: number | undefined;
  readonly attributes: JsonObject;
  /** `_update: true`: never creates a person. */
  readonly updateOnly: boolean;
  readonly relationships: readonly ParsedObjectRelationship[];
}

export interface ParsedEvent {
  readonly kind: 'event' | 'page' | 'screen' | 'viewed_content' | 'clicked_content';
  readonly person: PersonRef;
  readonly name: string;
  /** ULID in upper case; an event without one is never a duplicate. */
  readonly id: string | undefined;
  readonly timestamp: number | undefined;
  readonly attributes: JsonObject;
}

export interface ParsedAddDevice {
  readonly kind: 'add_device';
  readonly person: PersonRef;
  readonly token: string;
  readonly platform: string;
  readonly lastUsed: number | undefined;
  readonly attributes: JsonObject;
}

export interface ParsedDeleteDevice {
  readonly kind: 'delete_device';
  readonly person: PersonRef;
  readonly token: string;
}

export interface ParsedMerge {
  readonly kind: 'merge';
  readonly primary: PersonRef;
  readonly secondary: PersonRef;
}

export interface ParsedRemovePerson {
  readonly kind: 'delete' | 'suppress' | 'unsuppress';
  readonly person: PersonRef;
}

export interface ParsedRelatePerson {
  readonly kind: 'add_relationships' | 'delete_relationships';
  readonly person: PersonRef;
  readonly relationships: readonly ParsedObjectRelationship[];
}

export interface ParsedIdentifyObject {
  readonly kind: 'identify_object';
  readonly object: ObjectRef;
  readonly attributes: JsonObject;
  readonly relationships: readonly ParsedPersonRelationship[];
}

export interface ParsedDeleteObject {
  readonly kind: 'delete_object';
  readonly object: ObjectRef;
}

export interface ParsedRelateObject {
  readonly kind: 'add_people' | 'delete_people';
  readonly object: ObjectRef;
  readonly relationships: readonly ParsedPersonRelationship[];
}

/** A metric of a message. The sandbox sends none, so it only checks the shape. */
export interface ParsedMetric {
  readonly kind: 'delivery_metric';
  readonly name: string;
  readonly deliveryId: string;
  /** Absent means now, as always in a batch. */
  readonly timestamp: number | undefined;
  readonly attributes: JsonObject;
}

export type ParsedPersonOperation =
  | ParsedIdentify
  | ParsedEvent
  | ParsedAddDevice
  | ParsedDeleteDevice
  | ParsedMerge
  | ParsedRemovePerson
  | ParsedRelatePerson;

export type ParsedObjectOperation = ParsedIdentifyObject | ParsedDeleteObject | ParsedRelateObject;

export type ParsedOperation = ParsedPersonOperation | ParsedObjectOperation | ParsedMetric;
