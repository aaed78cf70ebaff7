// What the backend tells of Customer.io, as the sandbox has it.

export type Json = Readonly<Record<string, unknown>>;

export interface Activity {
  readonly activity_type: string;
  readonly activity_name: string;
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: Json;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface Person {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: Json;
  readonly devices: readonly Json[];
  readonly relationships: readonly { readonly identifiers: Json; readonly relationship_attributes: Json }[];
  readonly unsubscribed: boolean;
  readonly events: number;
}

export interface CustomObject {
  readonly identifiers: Readonly<Record<string, string>>;
  readonly attributes: Json;
  readonly relationships: readonly { readonly identifiers: Json; readonly relationship_attributes: Json }[];
}

/** Customer.io's own id only where there is no other. */
export const nameOf = (identifiers: Readonly<Record<string, unknown>>): string => {
  const { id, email, anonymous_id: anonymousId, object_id: objectId, cio_id: cioId } = identifiers;
  return String(id ?? email ?? objectId ?? anonymousId ?? cioId ?? 'somebody forgotten');
};

/** By which an object is found among the objects. */
export const objectKey = (identifiers: Readonly<Record<string, unknown>>): string =>
  `${identifiers['object_type_id']}:${identifiers['object_id']}`;

/** The Activity Log's words for what did not do what was asked. */
export const isTrouble = ({ activity_type: type }: Activity): boolean =>
  /^(Failed|Skipped)|Failure$/.test(type);
