// A text as either door takes it, before rules and mapping: the doors' own code, so that what they would refuse is not
// shown as on its way.

import { namesOf, type Source } from '../../../lib/config/source';
import { EVENT_TYPES } from '../../../lib/event/event';
import type { Fault } from '../../../lib/event/fault';
import { acceptEvents, type RequestFacts } from '../../../lib/ingest/accept';
import type { Envelope } from '../../../lib/ingest/envelope';
import { parseBody } from '../../../lib/ingest/parse-body';
import { isObject } from '../../../lib/json/json-object';
import { writeDeepJson } from '../../../lib/json/write-json';
import { readEvents, readMessage } from '../../../lib/queue/message';

export interface FaultyEvent {
  readonly raw: unknown;
  readonly fault: Fault;
}

export type Taken =
  | { readonly events: readonly ({ readonly event: unknown } | FaultyEvent)[]; readonly more: number }
  | { readonly ok: false; readonly problem: string };

/** A page is not made for more, and each is translated some twenty times. */
const MAX_EVENTS = 50;

/** What is sent from here goes to `/v1/batch`, which takes a single event too. */
const ROUTE = { kind: 'batch' } as const;

/** @param workspaces of one source. @param text JSON. */
export const atTheDoor = (text: string, workspaces: readonly Source[], nowMs: number): Taken => {
  const body = parseBody(text, ROUTE);
  if ('code' in body) return refused(body, text);
  const envelopes = body.envelopes.flatMap(oneByOne);
  const shown: (FaultyEvent | { readonly event: unknown })[] = [];
  for (const [index, envelope] of envelopes.slice(0, MAX_EVENTS).entries()) {
    const accepted = acceptEvents(envelope, ROUTE, factsOf(workspaces, index, nowMs));
    if (accepted.kind === 'refused') return refused(accepted, text);
    const { events, rejected } = accepted;
    shown.push(...events.map((json) => ({ event: JSON.parse(json) as unknown })));
    shown.push(...rejected.map(({ raw, reason, detail }) => ({ raw, fault: { reason, detail } })));
  }
  return { events: shown, more: envelopes.length - shown.length };
};

const oneByOne = ({ events, shared, writeKeys }: Envelope): Envelope[] =>
  events.map((event) => ({ events: [event], shared, writeKeys, texts: () => [writeDeepJson(event)] }));

const factsOf = (workspaces: readonly Source[], index: number, nowMs: number): RequestFacts => ({
  receivedAtMs: nowMs,
  ip: undefined,
  isBrowser: false,
  newMessageId: () => idOf(index),
  integrationNames: namesOf(workspaces),
  allowIdentifiers: workspaces[0]?.allowIdentifiers,
  workspaces,
});

const idOf = (index: number): string => `preview-${index}`;

const refused = ({ code, message }: { code: string; message: string }, text: string): Taken => ({
  ok: false,
  problem: `The endpoint would refuse it (${code}): ${message}${isSingle(text) ? NEEDS_TYPE : ''}`,
});

const NEEDS_TYPE = ` A single event needs a \`type\`: ${EVENT_TYPES.join(', ')}. Where it has none the path may say it, as POST /v1/track does.`;

const isSingle = (text: string): boolean => {
  const body: unknown = JSON.parse(text);
  return isObject(body) && !('batch' in body);
};

/** As a message put by hand, without attributes. */
export const onTheQueue = (text: string, workspaces: readonly Source[], nowMs: number): Taken => {
  const message = readMessage({
    messageId: 'preview',
    receiptHandle: '',
    body: text,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: `${nowMs}`,
      SenderId: '',
      ApproximateFirstReceiveTimestamp: `${nowMs}`,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  });
  const queued = readEvents(message, namesOf(workspaces));
  const events = queued
    .slice(0, MAX_EVENTS)
    .map(({ event, raw, fault }) => (fault === undefined ? { event } : { raw, fault }));
  return { events, more: queued.length - events.length };
};
