// Sorts all the events of a body, however many envelopes it holds, and keeps what of it could not be read.

import { formatTime } from '../event/format-time';
import type { Refusal } from '../http/refusal';
import { type Acceptance, acceptEvents, type RequestFacts } from './accept';
import type { ParsedBody } from './parse-body';
import type { BodyRoute } from './routes';

/**
 * The acceptances of its envelopes as one. A body that was not wholly read is itself a dead letter, as it came: the
 * events that were read are delivered, the rest is the operator's to look at.
 */
export const acceptBody = (
  { envelopes, unreadable }: ParsedBody,
  text: string,
  route: BodyRoute,
  request: RequestFacts,
): Acceptance | Refusal => {
  const acceptances: Acceptance[] = [];
  // An answer can tell everything only of an event that is all there is of the body.
  const isAlone = envelopes.length === 1 && unreadable === undefined;
  for (const envelope of envelopes) {
    const acceptance = acceptEvents(envelope, route, request, isAlone);
    if (acceptance.kind === 'refused') return acceptance;
    acceptances.push(acceptance);
  }
  const [only] = acceptances;
  if (isAlone && only !== undefined) return only;
  return {
    kind: 'accepted',
    events: acceptances.flatMap(({ events }) => events),
    rejected: [
      ...acceptances.flatMap(({ rejected }) => rejected),
      ...(unreadable === undefined ? [] : [unreadableBody(text, unreadable, request)]),
    ],
    timestampsReplaced: acceptances.reduce((total, { timestampsReplaced }) => total + timestampsReplaced, 0),
  };
};

const unreadableBody = (
  text: string,
  position: string,
  { receivedAtMs, newMessageId }: RequestFacts,
): Acceptance['rejected'][number] => ({
  reason: 'invalid_json',
  detail: `body: not all of it is JSON${position}; the events that are were taken`,
  raw: text,
  body: text,
  shared: undefined,
  messageId: newMessageId(),
  timestamp: formatTime(receivedAtMs),
});
