// The items of a Track API v2 `/api/v2/batch` request, as the official API description shapes them.
// snake_case is Customer.io's own; these objects go on the wire as they are.

export type PersonIdentifiers =
  | { readonly id: string }
  | { readonly email: string }
  | { readonly cio_id: string }
  | { readonly anonymous_id: string };

/** A person the workspace knows; merges and devices take no other. */
export type KnownPersonIdentifiers = Exclude<PersonIdentifiers, { readonly anonymous_id: string }>;

export type Attributes = Readonly<Record<string, unknown>>;

export interface IdentifyPerson {
  readonly type: 'person';
  readonly action: 'identify';
  readonly identifiers: PersonIdentifiers;
  /** Unix seconds. Customer.io orders attribute updates by it. */
  readonly timestamp: number;
  readonly attributes: Attributes;
}

export interface PersonEvent {
  readonly type: 'person';
  readonly action: 'event' | 'page';
  readonly identifiers: PersonIdentifiers;
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
  readonly identifiers: KnownPersonIdentifiers;
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
  readonly identifiers: KnownPersonIdentifiers;
  readonly device: { readonly token: string };
}

export interface MergePersons {
  readonly type: 'person';
  readonly action: 'merge';
  readonly primary: KnownPersonIdentifiers;
  readonly secondary: KnownPersonIdentifiers;
}

export interface IdentifyObject {
  readonly type: 'object';
  readonly action: 'identify' | 'identify_anonymous';
  readonly identifiers: { readonly object_type_id: string; readonly object_id: string };
  readonly attributes: Attributes;
  readonly cio_relationships?: readonly {
    readonly identifiers: PersonIdentifiers;
    readonly relationship_attributes?: Attributes;
  }[];
}

export type Operation =
  | IdentifyPerson
  | PersonEvent
  | AddDevice
  | DeleteDevice
  | MergePersons
  | IdentifyObject;
