// The people of a workspace and the index that finds them. An identifier belongs to one person at a time, and
// every change of one goes through here, so that index and people cannot disagree. Customer.io forgets
// anonymous history after 30 days and attaches what comes late for five minutes only; here neither ever ends.

import type { GivenIdentifier, PersonRef } from '../parse/parsed-operation';
import { type AttributeStore, isSet } from './attribute-store';
import type { CustomObject } from './objects';

export interface Identity {
  id?: string;
  email?: string;
  phone?: string;
  /** Set by Customer.io for everyone who is known. Who has only an anonymous id has none. */
  cio_id?: string;
  anonymous_id?: string;
}

export interface Device {
  readonly platform: string;
  /** Unix seconds. */
  readonly lastUsed: number;
  readonly attributes: AttributeStore;
}

export interface Person {
  readonly identity: Identity;
  readonly attributes: AttributeStore;
  /** By token. */
  readonly devices: Map<string, Device>;
  readonly relationships: Map<CustomObject, AttributeStore>;
  readonly anonymousIds: Set<string>;
  /** Events, page and screen views. */
  events: number;
  /** Who took over this person's history. */
  mergedInto?: Person;
  /** Suppressed, and gone from the log too. */
  isForgotten?: boolean;
}

/** Identifiers that were suppressed together, and end together. */
export interface Suppression {
  readonly identity: Identity;
}

/** In the order in which they are looked for. */
export const GIVEN_IDENTIFIERS: readonly GivenIdentifier[] = ['id', 'email', 'phone'];

const FIRST_CIO_ID = 0xa3000001;

export class People {
  private readonly byIdentifier = new Map<string, Person>();
  private readonly all = new Set<Person>();
  /** Under each of its identifiers. */
  private readonly suppressed = new Map<string, Suppression>();
  private created = 0;

  find(ref: PersonRef): Person | undefined {
    return this.byIdentifier.get(keyOf(ref));
  }

  known(): Person[] {
    return [...this.all].filter(isKnown);
  }

  anonymous(): Person[] {
    return [...this.all].filter((person) => !isKnown(person));
  }

  create(ref: PersonRef): Person {
    const person: Person = {
      identity: ref.by === 'anonymous_id' ? {} : { cio_id: this.nextCioId() },
      attributes: new Map(),
      devices: new Map(),
      relationships: new Map(),
      anonymousIds: new Set(),
      events: 0,
    };
    this.all.add(person);
    if (person.identity.cio_id) this.index({ by: 'cio_id', value: person.identity.cio_id }, person);
    this.assign(person, ref);
    return person;
  }

  /** In the manner of Customer.io's own, eight hexadecimal digits. */
  private nextCioId(): string {
    this.created += 1;
    return (FIRST_CIO_ID + this.created - 1).toString(16);
  }

  /** Gives the identifier to this person, who loses the one of that kind they had. Nobody else may have it. */
  assign(person: Person, ref: PersonRef): void {
    this.release(person, ref.by);
    person.identity[ref.by] = ref.value;
    this.index(ref, person);
  }

  /** Takes away the identifier of that kind. */
  release(person: Person, by: PersonRef['by']): void {
    const value = person.identity[by];
    if (value === undefined) return;
    this.byIdentifier.delete(keyOf({ by, value }));
    delete person.identity[by];
  }

  /** The history of an anonymous id becomes this person's, unless somebody has claimed it before: it is not reusable. */
  claimAnonymous(person: Person, anonymousId: string): void {
    const ref = { by: 'anonymous_id', value: anonymousId } as const;
    const owner = this.find(ref);
    if (owner !== undefined && isKnown(owner)) return;
    if (owner !== undefined) this.absorb(person, owner);
    person.anonymousIds.add(anonymousId);
    this.index(ref, person);
  }

  /** Merges `other` into `person`: what `person` lacks is taken over, then `other` is gone. */
  absorb(person: Person, other: Person): void {
    this.remove(other);
    for (const by of GIVEN_IDENTIFIERS) {
      const value = other.identity[by];
      if (value !== undefined && person.identity[by] === undefined) this.assign(person, { by, value });
    }
    for (const anonymousId of other.anonymousIds) this.claimAnonymous(person, anonymousId);
    takeOver(person, other);
  }

  remove(person: Person): void {
    for (const ref of refsOf(person.identity)) this.byIdentifier.delete(keyOf(ref));
    for (const value of person.anonymousIds) this.byIdentifier.delete(keyOf({ by: 'anonymous_id', value }));
    this.all.delete(person);
  }

  /** @param identity all identifiers of one person. */
  suppress(identity: Identity): void {
    const suppression = { identity };
    for (const ref of refsOf(identity)) this.suppressed.set(keyOf(ref), suppression);
  }

  /** Answers false when the identifier was not suppressed. */
  unsuppress(ref: PersonRef): boolean {
    const suppression = this.suppressed.get(keyOf(ref));
    if (suppression === undefined) return false;
    for (const each of refsOf(suppression.identity)) this.suppressed.delete(keyOf(each));
    return true;
  }

  isSuppressed(ref: PersonRef): boolean {
    return this.suppressed.has(keyOf(ref));
  }

  suppressions(): Suppression[] {
    return [...new Set(this.suppressed.values())];
  }

  /** Nobody has a relationship to it any more. */
  forgetObject(object: CustomObject): void {
    for (const person of this.all) person.relationships.delete(object);
  }

  private index(ref: PersonRef, person: Person): void {
    this.byIdentifier.set(keyOf(ref), person);
  }
}

export const isKnown = (person: Person): boolean => person.identity.cio_id !== undefined;

/** Emails are case-insensitive, ids are not. */
const keyOf = ({ by, value }: PersonRef): string => `${by}:${by === 'email' ? value.toLowerCase() : value}`;

const ALL_IDENTIFIERS = [...GIVEN_IDENTIFIERS, 'cio_id', 'anonymous_id'] as const;

const refsOf = (identity: Identity): PersonRef[] =>
  ALL_IDENTIFIERS.flatMap((by) => {
    const value = identity[by];
    return value === undefined ? [] : [{ by, value }];
  });

export const isSameIdentifier = (one: PersonRef, other: PersonRef): boolean => keyOf(one) === keyOf(other);

const takeOver = (person: Person, other: Person): void => {
  for (const [name, attribute] of other.attributes) {
    if (!isSet(person.attributes, name)) person.attributes.set(name, attribute);
  }
  for (const [token, device] of other.devices) {
    if (!person.devices.has(token)) person.devices.set(token, device);
  }
  for (const [object, attributes] of other.relationships) {
    if (!person.relationships.has(object)) person.relationships.set(object, attributes);
  }
  person.events += other.events;
  other.mergedInto = person;
};
