// Whom an event means: the one ladder that both doors ask. The first of these that an event has names the person:
// `userId`, `traits.userId`, `context.traits.userId`, `context.externalId[]`, an email among the traits, a phone there
// where the workspace knows people by it, `anonymousId`.

import { isObject, type JsonObject } from '../json/json-object';
import { readEmail } from './email';
import { type Fault, isFault } from './fault';
import {
  EXPECTED_ID,
  findIdFault,
  type IdSettings,
  illegalId,
  impossibleId,
  isIllegalId,
  isIllegalInAlias,
  isPossibleId,
  missingId,
  readAnonymousId,
  readId,
} from './ids';
import { readPhone } from './phone';

export interface IdentitySettings extends IdSettings {
  /** `id`: an older workspace that knows people by id alone; `email_phone_or_id`: one that knows phones too. */
  readonly workspaceIdentifiers: 'email_or_id' | 'id' | 'email_phone_or_id';
}

/** Somebody the workspace can know. An `id` may be of any form; what it says is the destination's to read. */
export interface KnownWho {
  readonly by: 'id' | 'email' | 'phone';
  readonly value: string;
}

export interface AnonymousWho {
  readonly by: 'anonymous_id';
  readonly value: string;
}

export type Who = KnownWho | AnonymousWho;

/** Whom an identify means. An anonymousId alone is not enough: a visitor without a name is nobody to identify. */
export const findKnown = (event: JsonObject, settings: IdentitySettings): KnownWho | Fault =>
  findIdFault(event) ??
  lookUpKnown(event, event['traits'], settings) ??
  (hasIllegalAnonymousId(event, settings) ? illegalId('anonymousId') : nobodyKnown(settings));

/** Whom a track, page or screen means. An anonymousId alone is enough. */
export const findAnyone = (event: JsonObject, settings: IdentitySettings): Who | Fault =>
  findIdFault(event) ??
  lookUpKnown(event, event['traits'], settings) ??
  lookUpAnonymous(event, settings) ??
  (hasIllegalAnonymousId(event, settings) ? illegalId('anonymousId') : nobody(settings));

/** What a group event names. Its traits are the company's: an email or an id among them names no person. */
export interface GroupMembers {
  readonly groupId: string;
  /** Undefined: the group is still written, with no person related to it. */
  readonly member: Who | undefined;
}

export const findGroup = (event: JsonObject, settings: IdentitySettings): GroupMembers | Fault => {
  const fault = findIdFault(event);
  if (fault !== undefined) return fault;
  const groupId = readId(event['groupId']);
  if (groupId === undefined) return missingId('groupId');
  if (isIllegalId(groupId, settings)) return illegalId('groupId');
  const known = lookUpKnown(event, undefined, settings);
  if (isFault(known)) return known;
  return { groupId, member: known ?? lookUpAnonymous(event, settings) };
};

export interface AliasedIds {
  readonly userId: string;
  readonly previousId: string;
}

/**
 * The two ids of an alias. A merge deletes the second person, so both must be named outright and nothing stands in
 * for either.
 */
export const findAliased = (event: JsonObject, settings: IdentitySettings): AliasedIds | Fault => {
  const fault = findIdFault(event);
  if (fault !== undefined) return fault;
  const userId = readId(event['userId']);
  const previousId = readId(event['previousId']);
  if (userId === undefined) return missingId('userId');
  if (previousId === undefined) return missingId('previousId');
  if (isIllegalInAlias(userId, settings)) return illegalId('userId');
  return isIllegalInAlias(previousId, settings) ? illegalId('previousId') : { userId, previousId };
};

/** The known person that the event names; undefined when it says nothing of one that the workspace could know. */
const lookUpKnown = (
  event: JsonObject,
  traits: unknown,
  settings: IdentitySettings,
): KnownWho | Fault | undefined => {
  const id = readId(event['userId']) ?? idElsewhere(traits, event['context']);
  if (typeof id === 'string')
    return isIllegalId(id, settings) ? illegalId('userId') : { by: 'id', value: id };
  if (id !== undefined) return id;
  if (settings.workspaceIdentifiers === 'id') return undefined;
  const email = readEmail(traits) ?? readEmail(contextTraits(event));
  if (email !== undefined) return { by: 'email', value: email };
  if (settings.workspaceIdentifiers !== 'email_phone_or_id') return undefined;
  const phone = readPhone(traits) ?? readPhone(contextTraits(event));
  return phone === undefined ? undefined : { by: 'phone', value: phone };
};

const lookUpAnonymous = (event: JsonObject, settings: IdSettings): AnonymousWho | undefined => {
  const value = readAnonymousId(event, settings);
  return value === undefined ? undefined : { by: 'anonymous_id', value };
};

/** Whether the event has an `anonymousId` that is not used because a bug has made it. */
const hasIllegalAnonymousId = (event: JsonObject, settings: IdSettings): boolean => {
  const id = readId(event['anonymousId']);
  return id !== undefined && isIllegalId(id, settings);
};

/**
 * Where senders put the person's id when not in `userId`, first to last. An id of a type that none has ends the search:
 * it must not count as absent, or the event would go to somebody else. No lists: every event is asked, and what an event
 * allocates is a part of what it costs.
 */
const idElsewhere = (traits: unknown, context: unknown): string | Fault | undefined =>
  idAt('traits.userId', isObject(traits) ? traits['userId'] : undefined) ??
  (isObject(context) ? idInContext(context) : undefined);

const idInContext = ({ traits, externalId }: JsonObject): string | Fault | undefined =>
  idAt('context.traits.userId', isObject(traits) ? traits['userId'] : undefined) ??
  (Array.isArray(externalId) ? idInList(externalId) : undefined);

/** RudderStack's list of ids. Each is meant for the destination that its type names. */
const idInList = (entries: readonly unknown[]): string | Fault | undefined => {
  for (const entry of entries) {
    const id =
      isObject(entry) && isOurType(entry['type']) ? idAt('context.externalId', entry['id']) : undefined;
    if (id !== undefined) return id;
  }
  return undefined;
};

const EXTERNAL_ID_TYPES: readonly string[] = ['userid', 'customerio', 'id'];

const isOurType = (type: unknown): boolean =>
  typeof type === 'string' && EXTERNAL_ID_TYPES.includes(type.toLowerCase());

const idAt = (place: string, value: unknown): string | Fault | undefined =>
  readId(value) ?? (isPossibleId(value) ? undefined : impossibleId(place, value));

/** Every known person an event may mean, whatever the settings. */
export interface PossiblyKnown {
  readonly userId: string | undefined;
  /** An id that stands elsewhere than in `userId`. */
  readonly otherId: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
}

export const possiblyKnown = (event: JsonObject): PossiblyKnown => {
  const traits = ownTraits(event);
  const otherId = idElsewhere(traits, event['context']);
  return {
    userId: readId(event['userId']),
    otherId: typeof otherId === 'string' ? otherId : undefined,
    email: readEmail(traits) ?? readEmail(contextTraits(event)),
    phone: readPhone(traits) ?? readPhone(contextTraits(event)),
  };
};

/** The person's own traits. Those of a group are the company's. */
const ownTraits = (event: JsonObject): unknown => (event['type'] === 'group' ? undefined : event['traits']);

/** `context.traits`: what SDKs know of the person beside a call that is not an identify. */
export const contextTraits = ({ context }: JsonObject): unknown =>
  isObject(context) ? context['traits'] : undefined;

const ID_ALONE = 'this workspace knows people by id alone';
const OR_EMAIL = 'or else an email in traits or context.traits';

const nobodyKnown = ({ workspaceIdentifiers }: IdentitySettings): Fault => ({
  reason: 'missing_identifier',
  detail:
    workspaceIdentifiers === 'id'
      ? `userId: expected ${EXPECTED_ID}; ${ID_ALONE}`
      : `userId: expected ${EXPECTED_ID}, ${OR_EMAIL}; an anonymousId alone identifies nobody`,
});

const nobody = ({ workspaceIdentifiers }: IdentitySettings): Fault => ({
  reason: 'missing_identifier',
  detail:
    workspaceIdentifiers === 'id'
      ? `userId or anonymousId: expected ${EXPECTED_ID}; ${ID_ALONE}`
      : `userId or anonymousId: expected ${EXPECTED_ID}, ${OR_EMAIL}`,
});
