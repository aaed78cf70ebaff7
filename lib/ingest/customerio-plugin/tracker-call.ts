// A Segment event as a call of Customer.io's tracker, as Segment's own device mode makes it. The tracker knows no
// timestamp and no ULID: it sends at once, and in its own name.

import { isObject, type JsonObject } from '../../json/json-object';
import { readText } from '../../mapping/attributes';
import { convertAsSet, type DateConversion } from '../../mapping/convert-dates';
import { withoutBugs } from '../../mapping/without-bugs';

export type TrackerCall =
  | { readonly method: 'identify'; readonly traits: JsonObject }
  | { readonly method: 'track' | 'page'; readonly name: string; readonly properties: JsonObject };

/** @param event one that the tracker takes. `convertTimestamps` is the source's setting. */
export const toTrackerCall = (event: JsonObject, convertTimestamps: DateConversion): TrackerCall => {
  const read = (field: 'traits' | 'properties'): JsonObject =>
    convertAsSet(asSent(event[field]), convertTimestamps, field);
  switch (event['type']) {
    case 'identify':
      return { method: 'identify', traits: personTraits(event, read('traits')) };
    case 'group':
      return { method: 'identify', traits: groupTraits(event, read('traits')) };
    case 'page':
      return { method: 'page', name: pageName(event), properties: read('properties') };
    default:
      return {
        method: 'track',
        name: String(event['event']).trim(),
        properties: read('properties'),
      };
  }
};

/** The value as JSON has it, in which a Date is the text that the relay would read. */
const asSent = (value: unknown): JsonObject => {
  const sent: unknown = isObject(value) ? JSON.parse(JSON.stringify(value)) : {};
  return isObject(sent) ? sent : {};
};

/** A page is not told what its workspace knows people by: of a bug nothing is lost. */
const ANY_WORKSPACE = { workspaceIdentifiers: 'email_phone_or_id' } as const;

/** Customer.io reserves `created_at` for the time at which a person was created. */
const personTraits = ({ userId }: JsonObject, traits: JsonObject): JsonObject => {
  const { created, createdAt, ...others } = withoutBugs(traits, ANY_WORKSPACE);
  const createdSince = others['created_at'] ?? createdAt ?? created;
  const named = createdSince === undefined ? others : { ...others, created_at: createdSince };
  return { ...named, id: String(userId) };
};

/** A tracker knows people alone: what is the group's stands on them, under a name that says so. */
const groupTraits = ({ userId, groupId }: JsonObject, traits: JsonObject): JsonObject => {
  const named = Object.entries({ ...traits, id: groupId }).map(([trait, value]) => [`Group ${trait}`, value]);
  return { ...Object.fromEntries(named), id: String(userId) };
};

const pageName = ({ name, properties, context }: JsonObject): string => {
  const page = isObject(context) ? context['page'] : undefined;
  return readText(name) ?? urlOf(properties) ?? urlOf(page) ?? 'Page View';
};

const urlOf = (value: unknown): string | undefined => (isObject(value) ? readText(value['url']) : undefined);
