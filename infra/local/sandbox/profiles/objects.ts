// The objects of a workspace: companies, courses, whatever is no person. Their updates carry no time, so here
// the order of arrival decides. Relationships are kept by the people.

import type { ObjectRef } from '../parse/parsed-operation';
import type { AttributeStore } from './attribute-store';

export interface CustomObject {
  readonly identity: {
    readonly object_type_id: string;
    readonly object_id: string;
    readonly cio_object_id: string;
  };
  readonly attributes: AttributeStore;
}

const FIRST_CIO_OBJECT_ID = 0xb000000001;

export class Objects {
  private readonly byIdentifier = new Map<string, CustomObject>();
  private readonly byCioId = new Map<string, CustomObject>();
  private created = 0;

  find(ref: ObjectRef): CustomObject | undefined {
    return 'cioObjectId' in ref ? this.byCioId.get(ref.cioObjectId) : this.byIdentifier.get(keyOf(ref));
  }

  create(ref: Exclude<ObjectRef, { cioObjectId: string }>): CustomObject {
    const cioObjectId = `ob${(FIRST_CIO_OBJECT_ID + this.created).toString(16)}`;
    this.created += 1;
    const { objectTypeId, objectId } = ref;
    const identity = { object_type_id: objectTypeId, object_id: objectId, cio_object_id: cioObjectId };
    const object = { identity, attributes: new Map() };
    this.byIdentifier.set(keyOf(ref), object);
    this.byCioId.set(cioObjectId, object);
    return object;
  }

  remove(object: CustomObject): void {
    const { object_type_id: objectTypeId, object_id: objectId, cio_object_id: cioObjectId } = object.identity;
    this.byIdentifier.delete(keyOf({ objectTypeId, objectId }));
    this.byCioId.delete(cioObjectId);
  }

  all(): CustomObject[] {
    return [...this.byIdentifier.values()];
  }
}

const keyOf = ({ objectTypeId, objectId }: { objectTypeId: string; objectId: string }): string =>
  `${objectTypeId}:${objectId}`;
