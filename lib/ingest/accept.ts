// Sorts the events of a request: what goes on the queue, serialised once and for all, and what can never
// work. Every event ends in exactly one of the two, or the request is refused as a whole.

import { REASONS } from '../errors';
import type { EventType } from '../event/event';
import type { Fault } from '../event/fault';
import { findFault, typeOf, UNKNOWN_TYPE } from '../event/find-fault';
import { formatTime } from '../event/format-time';
import { isForCustomerIo } from '../event/integrations';
import { messageIdOf } from '../event/message-id';
import { parseTime } from '../event/parse-time';
import { MAX_EVENT_BYTES } from '../event/segment-limits';
import { type SharedFields, sharedBytes, withSharedFields } from '../event/shared-fields';
import type { IdentitySettings } from '../event/who';
import { type Refusal, refuse } from '../http/refusal';
import { isObject, type JsonObject } from '../json/json-object';
import { withMember } from '../json/slices';
import { NESTED_TOO_DEEPLY, unlessTooDeep, writeDeepJson } from '../json/write-json';
import { fateByRules, type Workspace } from '../mapping/fate-by-rules';
import { toJson } from '../queue/outgoing-message';
import { isLongerThan } from '../text';
import type { Envelope } from './envelope';
import { type Arrival, type DoorSettings, normalize } from './normalize';
import { MAX_BATCH_CHARACTERS, MAX_BODY_BYTES, MAX_SHARED_BYTES } from './request-limits';
import { type BodyRoute, isPixelRoute } from './routes';

/** What is known of a request besides its body. */
export interface RequestFacts extends DoorSettings {
  readonly receivedAtMs: number;
  /** The address it came from. */
  readonly ip: string | undefined;
  readonly isBrowser: boolean;
  readonly newMessageId: () => string;
}

export interface RejectedEvent extends Fault {
  /** The event, and its text byte for byte, with the type that its path says. */
  readonly raw: unknown;
  readonly body: string;
  /** What its batch says of it. */
  readonly shared: SharedFields | undefined;
  readonly messageId: string;
  /** When it arrived: a redrive must not make it younger. */
  readonly timestamp: string | undefined;
}

export interface Acceptance {
  readonly kind: 'accepted';
  /** Normalised events as JSON, in the order they came. */
  readonly events: readonly string[];
  readonly rejected: readonly RejectedEvent[];
  /** How many of the events had a time of their own that could not be read. */
  readonly timestampsReplaced: number;
}

/** @param isAlone whether the envelope is all there is of the body. */
export const acceptEvents = (
  envelope: Envelope,
  route: BodyRoute,
  request: RequestFacts,
  isAlone = true,
): Acceptance | Refusal => {
  if (isSharedTooLarge(envelope)) return refuse('payload_too_large', SHARED_TOO_LARGE);
  const arrival = arrivalOf(envelope, request);
  const pathType = route.kind === 'event' ? route.type : undefined;
  return route.kind === 'event' && envelope.events.length === 1 && !isPixelRoute(route) && isAlone
    ? acceptAlone(envelope, pathType, arrival)
    : acceptBatch(envelope, pathType, arrival);
};

/** Alone, an event that can never work is an error its sender should see. */
const acceptAlone = (
  { events: [event] }: Envelope,
  pathType: EventType | undefined,
  arrival: Arrival,
): Acceptance | Refusal => {
  const accepted = accept(event, pathType, arrival, undefined);
  if ('reason' in accepted) return refuseEvent(accepted);
  const { json, isTimestampReplaced } = accepted;
  return { kind: 'accepted', events: [json], rejected: [], timestampsReplaced: Number(isTimestampReplaced) };
};

const acceptBatch = (
  envelope: Envelope,
  pathType: EventType | undefined,
  arrival: Arrival,
): Acceptance | Refusal => {
  const { events: batch, shared } = envelope;
  // The time of sending is the arrival's: for it alone no event is copied.
  const inherited = shared?.context === undefined && shared?.integrations === undefined ? undefined : shared;
  const events: string[] = [];
  const faults: FaultyEvent[] = [];
  let size = 0;
  let timestampsReplaced = 0;
  for (const [index, raw] of batch.entries()) {
    const accepted = accept(raw, pathType, arrival, inherited);
    if ('json' in accepted) {
      events.push(accepted.json);
      size += accepted.json.length;
      timestampsReplaced += Number(accepted.isTimestampReplaced);
    } else faults.push({ index, raw, fault: accepted });
    if (size > MAX_BATCH_CHARACTERS) return refuse('payload_too_large', BATCH_TOO_LARGE);
  }
  return {
    kind: 'accepted',
    events,
    rejected: reject(faults, envelope, pathType, arrival),
    timestampsReplaced,
  };
};

const SHARED_TOO_LARGE = `\`context\` and \`integrations\` of the batch are larger than ${MAX_SHARED_BYTES} bytes.`;

const isSharedTooLarge = ({ shared }: Envelope): boolean =>
  shared !== undefined && sharedBytes(shared) > MAX_SHARED_BYTES;

const BATCH_TOO_LARGE = 'The events of the batch are too large together. Send fewer at once.';

const arrivalOf = ({ shared }: Envelope, request: RequestFacts): Arrival => ({
  receivedAtMs: request.receivedAtMs,
  receivedAt: formatTime(request.receivedAtMs),
  sentAtMs: parseTime(shared?.sentAt),
  integrationNames: request.integrationNames,
  allowIdentifiers: request.allowIdentifiers,
  workspaces: request.workspaces,
  ip: request.ip,
  isBrowser: request.isBrowser,
  newMessageId: request.newMessageId,
});

/** An event as it goes on the queue. */
interface AcceptedEvent {
  readonly json: string;
  readonly isTimestampReplaced: boolean;
}

/**
 * What is not for Customer.io goes on the queue whatever else is wrong with it, to be skipped as by any other way in, and
 * so does what the source's rules skip or mend.
 * What only a setting makes impossible is not refused here: as a dead letter it waits until the setting is mended,
 * and a 400 would make its sender drop it. So emails and phones count whatever the workspace; allowed ids can only help.
 */
const accept = (
  raw: unknown,
  pathType: EventType | undefined,
  arrival: Arrival,
  shared: SharedFields | undefined,
): AcceptedEvent | Fault => {
  if (!isObject(raw)) return { reason: 'invalid_event', detail: 'event: expected an object' };
  const whole = withSharedFields(raw, shared, arrival.integrationNames);
  const type = typeOf(raw, pathType);
  const fault = type === undefined ? UNKNOWN_TYPE : findFault(whole, type, identityOf(arrival));
  const { event, isTimestampReplaced } = normalize(whole, type, arrival);
  const json = unlessTooDeep(() => toJson(event));
  if (json === undefined) return fault !== undefined && isForUs(whole, arrival) ? fault : TOO_DEEP;
  const isLarge = isTooLarge(raw, json);
  const lasting =
    fault === undefined && !isLarge ? undefined : lastingFault(json, { fault, isLarge }, arrival);
  return lasting ?? { json, isTimestampReplaced };
};

/** What the door has found wrong with an event. */
interface Found {
  readonly fault: Fault | undefined;
  readonly isLarge: boolean;
}

/** The event is read again, as the consumer will: few have anything wrong with them. */
const lastingFault = (json: string, { fault, isLarge }: Found, arrival: Arrival): Fault | undefined => {
  const event: JsonObject = JSON.parse(json);
  if (isLarge && isLongerThan(json, MAX_BODY_BYTES)) return EVENT_TOO_LARGE;
  if (!isForUs(event, arrival)) return undefined;
  const { isSkipped, isFaulty } = fateByRules(event, arrival.workspaces ?? NO_RULES, identityOf(arrival));
  if (isSkipped) return undefined;
  if (fault !== undefined && isFaulty) return fault;
  return isLarge ? EVENT_TOO_LARGE : undefined;
};

const NO_RULES: readonly Workspace[] = [];

const isForUs = ({ integrations }: JsonObject, { integrationNames }: Arrival): boolean =>
  isForCustomerIo(integrations, integrationNames);

const identityOf = ({ allowIdentifiers }: Arrival): IdentitySettings => ({
  workspaceIdentifiers: 'email_phone_or_id',
  allowIdentifiers,
});

const TOO_DEEP: Fault = { reason: 'invalid_event', detail: `event: ${NESTED_TOO_DEEPLY}` };

const EVENT_TOO_LARGE: Fault = {
  reason: 'event_too_large',
  detail: `event: larger than ${MAX_EVENT_BYTES} bytes`,
};

/**
 * Whether the event is over the limit as its sender wrote it. What is added here must not count against the sender,
 * but only a text near the limit needs that closer look.
 */
const isTooLarge = (raw: unknown, json: string): boolean =>
  isLongerThan(json, MAX_EVENT_BYTES) && rawBytes(raw) > MAX_EVENT_BYTES;

/**
 * The size of the event as it came. It may be nested too deeply for `JSON.stringify`, which is a reason to refuse
 * it and no reason to fail here.
 */
const rawBytes = (raw: unknown): number => Buffer.byteLength(writeDeepJson(raw));

interface FaultyEvent {
  readonly index: number;
  readonly raw: unknown;
  readonly fault: Fault;
}

/** The body is read a second time only when there is something to keep of it. */
const reject = (
  faults: readonly FaultyEvent[],
  { texts, shared }: Envelope,
  pathType: EventType | undefined,
  arrival: Arrival,
): RejectedEvent[] => {
  const all = faults.length === 0 ? [] : texts();
  return faults.map(({ index, raw, fault }) => ({
    ...fault,
    raw,
    body: withPathType(all[index] ?? writeDeepJson(raw), raw, pathType),
    shared,
    messageId: (isObject(raw) ? messageIdOf(raw) : undefined) ?? arrival.newMessageId(),
    timestamp: arrival.receivedAt,
  }));
};

/** Where only the path said what it is, the event must say so itself when it is replayed. */
const withPathType = (text: string, raw: unknown, pathType: EventType | undefined): string => {
  if (pathType === undefined || !isObject(raw)) return text;
  const type = typeOf(raw, pathType);
  return type === typeOf(raw, undefined) ? text : withMember(text, 'type', JSON.stringify(type));
};

const refuseEvent = ({ reason, detail }: Fault): Refusal =>
  refuse(reason === 'event_too_large' ? 'payload_too_large' : reason, `${REASONS[reason]} ${detail}.`);
