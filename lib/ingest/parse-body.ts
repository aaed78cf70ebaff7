// From the text of a body to its envelopes: one where it is JSON; where it is not, what can be saved of it, and
// whether that is all.

import { type Refusal, refuse } from '../http/refusal';
import { whereJsonBreaks } from '../json/where-json-breaks';
import { writeDeepJson } from '../json/write-json';
import { type Envelope, readEnvelope, sharedFields, TOO_MANY_EVENTS } from './envelope';
import { readBrokenJson } from './read-broken-json';
import { MAX_BATCH_EVENTS } from './request-limits';
import type { BodyRoute } from './routes';

export interface ParsedBody {
  /** Several where a client has joined what it stored for later. */
  readonly envelopes: readonly Envelope[];
  /** Where in the body is something that could not be read; undefined when everything was. */
  readonly unreadable: string | undefined;
}

export const parseBody = (text: string, route: BodyRoute): ParsedBody | Refusal => {
  if (text.trim() === '') return refuse('malformed_json', 'The body is empty. Send JSON.');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return saveEvents(text, route, whereJsonBreaks(error));
  }
  const envelope = readEnvelope(body, text, route);
  return 'code' in envelope ? envelope : { envelopes: [envelope], unreadable: undefined };
};

/**
 * Saves what can be read of a body that is not JSON, such as the offline file of a mobile SDK or a data frame with
 * NaN: were all of it refused, the client would delete it.
 */
const saveEvents = (text: string, route: BodyRoute, unreadable: string): ParsedBody | Refusal => {
  const saved = readBrokenJson(text, route.kind);
  const envelopes = saved.envelopes.map(({ events, fields }) => ({
    events,
    texts: () => events.map(writeDeepJson),
    ...sharedFields(fields, events),
  }));
  const count = envelopes.reduce((total, { events }) => total + events.length, 0);
  if (count > MAX_BATCH_EVENTS) return TOO_MANY_EVENTS;
  const isWhole = saved.isComplete && envelopes.length > 0;
  return { envelopes, unreadable: isWhole ? undefined : unreadable };
};
