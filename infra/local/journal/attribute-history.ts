// Which event set which attribute of a person, and when: the lines of the Activity Log say what took effect, and the
// journal has the operations that were sent. They are brought together by what both have: person, time and value.

import { isObject, type JsonObject } from '../../../lib/json/json-object';
import type { AttributeChange } from '../../console/contract';
import { ACTIVITY_TYPES, type Activity } from '../sandbox/activity-log';
import type { JournalEntry } from './journal';

/** @param activities newest first. */
export const attributeHistory = (
  cioId: string,
  activities: readonly Activity[],
  entries: Iterable<JournalEntry>,
): AttributeChange[] => {
  const own = activities.filter(({ identifiers }) => identifiers['cio_id'] === cioId);
  const names = namesOf(own);
  const quoted = [...names].map((name) => JSON.stringify(name));
  // Most of what is kept is of others: it is told by its text, before anything is parsed.
  const updates = [...entries].flatMap((entry) =>
    entry.operations
      .filter((json) => json.includes('"identify"') && quoted.some((name) => json.includes(name)))
      .flatMap((json) => updateIn(entry, json, names)),
  );
  return own
    .filter(({ activity_type: type }) => type === ACTIVITY_TYPES.attributeChange)
    .flatMap(({ attributes, timestamp }) =>
      Object.entries(attributes).map(([name, value]): AttributeChange => {
        const event = updates.find((update) => setsSo(update, name, value, timestamp))?.event;
        const at = timestamp * 1_000;
        return {
          name,
          value: value === null || value === '' ? undefined : value,
          at,
          ...(event && { event }),
        };
      }),
    );
};

/** Every id that the person has, or had when one of the lines was written. */
const namesOf = (activities: readonly Activity[]): ReadonlySet<string> =>
  new Set(
    activities.flatMap(({ identifiers, attributes }) => [
      ...Object.values(identifiers),
      ...['id', 'email', 'phone', 'anonymous_id'].flatMap((name) => textOf(attributes[name]) ?? []),
    ]),
  );

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

interface Update {
  readonly attributes: JsonObject;
  readonly timestamp: unknown;
  readonly event: { readonly number: number; readonly type: string; readonly name: string };
}

const updateIn = (
  { summary: { number, type, name } }: JournalEntry,
  json: string,
  names: ReadonlySet<string>,
): Update[] => {
  const operation: unknown = JSON.parse(json);
  if (!isObject(operation) || operation['type'] !== 'person') return [];
  const { identifiers, attributes, timestamp } = operation;
  const isOwn = isObject(identifiers) && Object.values(identifiers).some((id) => names.has(String(id)));
  return isOwn && isObject(attributes) ? [{ attributes, timestamp, event: { number, type, name } }] : [];
};

const setsSo = ({ attributes, timestamp }: Update, name: string, value: unknown, at: number): boolean =>
  timestamp === at &&
  Object.hasOwn(attributes, name) &&
  JSON.stringify(attributes[name]) === JSON.stringify(value);
