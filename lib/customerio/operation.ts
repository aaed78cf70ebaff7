// The items of a Track API v2 `/api/v2/batch` request, as the official API description shapes them, and the body
// of the older metrics endpoint. snake_case is Customer.io's own; these objects go on the wire as they are.

export type PersonIdentifiers =
  | { readonly id: string }
  | { readonly email: string }
  | { readonly cio_id: string }
  | { readonly anonymous_id: string };

/** A person the workspace knows; merges and devices take no other. */
export type KnownPersonIdentifiers = Exclude<PersonIdentifiers, { readonly anonymous_id: string }>;

/** In E.164, and only where the workspace identifies by it. Merges and the relationships of an object take none. */
export type PhoneIdentifiers = { readonly phone: string };

/** A person whom an operation of their own names. */
export type AddressedPersonIdentifiers = KnownPersonIdentifiers | PhoneIdentifiers;

export type Attributes = Readonly<Record<string, unknown>>;

/** `object_type_id` is a whole number from 1, as a string. */
export interface ObjectIdentifiers {
  readonly object_type_id: string;
  readonly object_id: string;
}

/** From a person to an object. */
export interface ObjectRelationship {
  readonly identifiers: ObjectIdentifiers;
  readonly relationship_attributes?: Attributes;
}

/** From an object to a person. */
export interface PersonRelationship {
  readonly identifiers: PersonIdentifiers;
  readonly relationship_attributes?: Attributes;
}

/** The attribute `_update: true` keeps it from creating a person. */
export interface IdentifyPerson {
  readonly type: 'person';
  readonly action: 'identify';
  readonly identifiers: PersonIdentifiers | PhoneIdentifiers;
  /** Unix seconds. Customer.io orders attribute updates by it. */
  readonly timestamp: number;
  readonly attributes: Attributes;
  readonly cio_relationships?: readonly ObjectRelationship[];
}

/** The description does not name the two content actions; Segment's own destination sends them in batches. */
export type ContentAction = 'viewed_content' | 'clicked_content';

export interface PersonEvent {
  readonly type: 'person';
  readonly action: 'event' | 'page' | 'screen' | ContentAction;
  readonly identifiers: PersonIdentifiers | PhoneIdentifiers;
  readonly name: string;
  /** ULID: Customer.io ignores a second event with the same one. */
  readonly id: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly attributes: Attributes;
}

export interface AddDevice {
  readonly type: 'person';
  readonly action: 'add_device';
  readonly identifiers: AddressedPersonIdentifiers;
  readonly device: {
    readonly token: string;
    readonly platform: 'ios' | 'android';
    /** Unix seconds. */
    readonly last_used: number;
    readonly attributes: Readonly<Record<string, string>>;
  };
}

export interface DeleteDevice {
  readonly type: 'person';
  readonly action: 'delete_device';
  readonly identifiers: AddressedPersonIdentifiers;
  readonly device: { readonly token: string };
}

export interface MergePersons {
  readonly type: 'person';
  readonly action: 'merge';
  readonly primary: KnownPersonIdentifiers;
  readonly secondary: KnownPersonIdentifiers;
}

/**
 * None of the three actions carries a time. A deleted person comes back with the next operation, a suppressed one
 * does not.
 */
export interface RemovePerson {
  readonly type: 'person';
  readonly action: 'delete' | 'suppress' | 'unsuppress';
  readonly identifiers: AddressedPersonIdentifiers;
}

export interface RelatePerson {
  readonly type: 'person';
  readonly action: 'add_relationships' | 'delete_relationships';
  readonly identifiers: AddressedPersonIdentifiers;
  readonly cio_relationships: readonly ObjectRelationship[];
}

export interface IdentifyObject {
  readonly type: 'object';
  readonly action: 'identify' | 'identify_anonymous';
  readonly identifiers: ObjectIdentifiers;
  readonly attributes: Attributes;
  readonly cio_relationships?: readonly PersonRelationship[];
}

export interface DeleteObject {
  readonly type: 'object';
  readonly action: 'delete';
  readonly identifiers: ObjectIdentifiers;
}

export interface RelateObject {
  readonly type: 'object';
  readonly action: 'add_relationships' | 'delete_relationships';
  readonly identifiers: ObjectIdentifiers;
  readonly cio_relationships: readonly (PersonRelationship & {
    readonly identifiers: KnownPersonIdentifiers;
  })[];
}

/** What became of a push or in-app message, as far as a batch takes it. It has no time: Customer.io takes the arrival. */
export interface DeliveryEvent {
  readonly type: 'delivery';
  readonly action: 'event';
  /** The delivery's own id. */
  readonly identifiers: { readonly id: string };
  readonly name: 'opened' | 'converted' | 'delivered';
  readonly attributes: { readonly device_token: string };
}

export type Operation =
  | IdentifyPerson
  | PersonEvent
  | AddDevice
  | DeleteDevice
  | MergePersons
  | RemovePerson
  | RelatePerson
  | IdentifyObject
  | DeleteObject
  | RelateObject
  | DeliveryEvent;

/** The metrics `POST /api/v1/metrics` takes of any channel; each channel has some of them. */
export const DELIVERY_METRICS = [
  'bounced',
  'clicked',
  'converted',
  'deferred',
  'delivered',
  'dropped',
  'opened',
  'spammed',
] as const;

/** The body of `POST /api/v1/metrics`: one metric a request, for what a {@link DeliveryEvent} cannot say. */
export interface DeliveryMetric {
  readonly delivery_id: string;
  readonly metric: (typeof DELIVERY_METRICS)[number];
  /** Unix seconds. */
  readonly timestamp: number;
  /** The address, number, id or device token the message went to. */
  readonly recipient?: string;
  /** Why a message was not delivered. */
  readonly reason?: string;
  /** The link that was clicked. */
  readonly href?: string;
  /** What was clicked in an in-app message. Not in the description; Segment's own destination sends it. */
  readonly metadata?: { readonly action_name?: string; readonly action_value?: string };
}
