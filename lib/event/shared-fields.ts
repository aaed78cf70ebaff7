// What a batch says of all its events: a default under what each of them says itself. The one definition for both
// doors, so that a batch-wide opt-out holds whichever way it came.

import { isObject, type JsonObject } from '../json/json-object';
import { membersOf, objectText } from '../json/slices';
import { writeDeepJson } from '../json/write-json';
import { type OwnNames, withoutOverruled, withoutSilent, withProperAll } from './integrations';
import { parseTime } from './parse-time';

/** At least one of them is there. */
export interface SharedFields {
  readonly context?: JsonObject | undefined;
  readonly integrations?: JsonObject | undefined;
  /** When the batch was sent, by its sender's clock, in any form that can be read. */
  readonly sentAt?: unknown;
}

/** Undefined for a batch that says nothing of its events. */
export const readSharedFields = ({ context, integrations, sentAt }: JsonObject): SharedFields | undefined => {
  const shared = {
    context: isObject(context) ? context : undefined,
    integrations: isObject(integrations) ? integrations : undefined,
    sentAt: parseTime(sentAt) === undefined ? undefined : sentAt,
  };
  return Object.values(shared).every((field) => field === undefined) ? undefined : shared;
};

/** UTF-8 bytes of what each event of the batch is larger by. */
export const sharedBytes = ({ context, integrations }: SharedFields): number =>
  context === undefined && integrations === undefined
    ? 0
    : Buffer.byteLength(writeDeepJson({ context, integrations }));

/** The event with what it lacks of its batch; its own keys win. */
export const withSharedFields = (
  event: JsonObject,
  shared: SharedFields | undefined,
  ownNames: OwnNames,
): JsonObject => (shared === undefined ? event : { ...event, ...inherited(event, shared, ownNames) });

const inherited = (
  event: JsonObject,
  { context, integrations, sentAt }: SharedFields,
  ownNames: OwnNames,
) => ({
  ...(context && { context: mergeContext(context, event['context']) }),
  ...(integrations && { integrations: mergeIntegrations(integrations, event['integrations'], ownNames) }),
  ...(sentAt !== undefined && parseTime(event['sentAt']) === undefined && { sentAt }),
});

const mergeContext = (shared: JsonObject, own: unknown): JsonObject =>
  isObject(own)
    ? { ...shared, ...Object.fromEntries(Object.entries(own).filter(saysMoreThan(shared, null))) }
    : shared;

/** SDKs write null for what their caller has not given: it takes nothing back, a refused consent least of all. */
const saysMoreThan =
  (shared: JsonObject, nothing: unknown) =>
  ([name, value]: readonly [string, unknown]): boolean =>
    value !== nothing || !Object.hasOwn(shared, name);

const mergeIntegrations = (batch: JsonObject, event: unknown, ownNames: OwnNames): JsonObject => {
  const shared = withProperAll(batch);
  if (!isObject(event)) return shared;
  const own = withProperAll(event);
  return { ...withoutOverruled(shared, own, ownNames), ...withoutSilent(own, shared) };
};

/** A batch of such events as text. */
export const batchText = (events: readonly string[], shared: SharedFields | undefined): string => {
  const batch = `[${events.join(',')}]`;
  return shared === undefined ? batch : objectText([['batch', batch], ...sharedMembers(shared)]);
};

/** What a batch says, as members of its text. */
export const sharedMembers = (shared: SharedFields): [name: string, value: string][] =>
  Object.entries(shared)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, writeDeepJson(value)]);

/**
 * The same as text, for what is stored once more: all that the event says itself stays to the last digit of a number.
 *
 * @param event the value of the text.
 */
export const textWithSharedFields = (
  text: string,
  event: unknown,
  shared: SharedFields | undefined,
  ownNames: OwnNames,
): string => {
  if (shared === undefined || !isObject(event)) return text;
  const own = new Map(membersOf(text));
  const fields = Object.entries(inherited(event, shared, ownNames));
  const added = fields.map(([name, value]): [string, string] => [
    name,
    name === 'context' && isObject(event[name])
      ? contextText(shared.context ?? {}, own.get(name) ?? '')
      : writeDeepJson(value),
  ]);
  return objectText([...own, ...added]);
};

const contextText = (shared: JsonObject, own: string): string =>
  objectText([
    ...membersOf(writeDeepJson(shared)),
    ...[...new Map(membersOf(own))].filter(saysMoreThan(shared, 'null')),
  ]);
